/**
 * The tile socket: one WebSocket, latest viewport wins, reconnects by itself.
 *
 * A connection owns its text ids, so each one decodes into a table of its own
 * and tiles keep the table they came with.
 */

import { decodeFrame, type Frame, type Texts } from './decode';

/** A lane's wanted tiles: inclusive ranges of x. */
export type WantedRange = readonly [lane: string, first: number, last: number];

/** What the socket tells its owner. */
export interface SocketEvents {
  frame(frame: Frame): void;
  /** A connection is up: everything asked earlier is forgotten by the server. */
  open(): void;
  /** The connection is gone; it is tried again. */
  lost(): void;
  /** A frame could not be read. */
  broken(reason: string): void;
  /** The server refused a request, or gives up. */
  refused(reason: string): void;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;

export class TileSocket {
  private socket: WebSocket | null = null;
  private retry = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private viewport = 0;

  constructor(
    private readonly url: string,
    private readonly events: SocketEvents,
  ) {
    this.connect();
  }

  get ready(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** The newest viewport number sent. */
  get latest(): number {
    return this.viewport;
  }

  /** Asks for tiles; supersedes every earlier request. Returns its viewport number. */
  request(level: number, lanes: readonly WantedRange[]): number {
    this.viewport++;
    this.socket?.send(JSON.stringify({ viewport: this.viewport, level, lanes }));
    return this.viewport;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  private connect(): void {
    const socket = new WebSocket(this.url);
    const texts: Texts = new Map();
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.retry = FIRST_RETRY_MS;
      this.events.open();
    };
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (!(message.data instanceof ArrayBuffer)) {
        this.events.refused(reasonIn(String(message.data)));
        return;
      }
      try {
        this.events.frame(decodeFrame(message.data, texts));
      } catch (error) {
        this.events.broken(error instanceof Error ? error.message : String(error));
      }
    };
    socket.onclose = () => {
      if (this.closed || this.socket !== socket) return;
      this.socket = null;
      this.events.lost();
      this.timer = setTimeout(() => this.connect(), this.retry);
      this.retry = Math.min(this.retry * 2, LAST_RETRY_MS);
    };
    this.socket = socket;
  }
}

/** What a text frame complains of: `{"error": "…"}`, or else the text itself. */
export function reasonIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'error' in body) return String(body.error);
  } catch {
    // Not JSON: said as it came.
  }
  return text;
}
