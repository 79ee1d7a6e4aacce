/**
 * Asks the server. Addresses are relative, because the page lives under a random token.
 *
 * Every question takes an `AbortSignal`; every failure is an `ApiError` that says whether the
 * server answered (with which status) or is gone.
 */

import type {
  GoroutineDetails,
  HitKind,
  LaneTree,
  LoadingReport,
  MemberPage,
  Overview,
  Place,
  RangeTotals,
  SearchPage,
  SelectRequest,
  SpanDetails,
  TraceMeta,
} from './types';

/** Why a question had no answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** HTTP status, or 0 when the server could not be reached. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  /** The server is gone, as opposed to: it refused. */
  get gone(): boolean {
    return this.status === 0;
  }

  get missing(): boolean {
    return this.status === 404;
  }
}

/** A question given up by the page itself, which nobody needs to hear of. */
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

export type MemberSort = 'id' | 'start' | 'running' | 'duration';

/** Which span of a lane: the one at a time, or an exact row. */
export type SpanPlace = { readonly ts: number } | { readonly row: number };

export interface SearchOptions {
  readonly offset?: number;
  readonly limit?: number;
  readonly kinds?: readonly HitKind[];
}

export type Parameters = Readonly<Record<string, string | number>>;

export class Api {
  /** `base` is the page's own folder unless a test says otherwise. */
  constructor(private readonly base: string = './') {}

  /** With `after`, the server waits a while for news. */
  loading(after: number | null, signal?: AbortSignal): Promise<LoadingReport> {
    return this.get('loading', after === null ? {} : { after }, signal);
  }

  trace(signal?: AbortSignal): Promise<TraceMeta> {
    return this.get('trace', {}, signal);
  }

  lanes(signal?: AbortSignal): Promise<LaneTree> {
    return this.get('lanes', {}, signal);
  }

  members(key: string, offset: number, limit: number, sort: string, signal?: AbortSignal): Promise<MemberPage> {
    return this.get('members', { key, offset, limit, sort }, signal);
  }

  locate(lane: string, sort: string, signal?: AbortSignal): Promise<Place> {
    return this.get('locate', { lane, sort }, signal);
  }

  overview(cells: number, signal?: AbortSignal): Promise<Overview> {
    return this.get('overview', { cells }, signal);
  }

  span(lane: string, place: SpanPlace, signal?: AbortSignal): Promise<SpanDetails> {
    const where = 'row' in place ? { row: place.row } : { ts: Math.round(place.ts) };
    return this.get('span', { lane, ...where }, signal);
  }

  goroutine(row: number, signal?: AbortSignal): Promise<GoroutineDetails> {
    return this.get('goroutine', { go: row }, signal);
  }

  search(q: string, options: SearchOptions = {}, signal?: AbortSignal): Promise<SearchPage> {
    const parameters: Record<string, string | number> = { q, limit: options.limit ?? 100, offset: options.offset ?? 0 };
    if (options.kinds !== undefined) parameters['kinds'] = options.kinds.join(',');
    return this.get('search', parameters, signal);
  }

  select(request: SelectRequest, signal?: AbortSignal): Promise<RangeTotals> {
    const body = JSON.stringify({ ...request, from: Math.round(request.from), to: Math.round(request.to) });
    return this.ask('select', { method: 'POST', headers: { 'content-type': 'application/json' }, body }, signal);
  }

  /** One of the answers of `docs/answers.md`, whose shapes are in `answers.ts`. */
  answer<T>(path: string, parameters: Parameters, signal?: AbortSignal): Promise<T> {
    return this.get(path, parameters, signal);
  }

  /** The address of something that the browser shall keep as a file. */
  address(path: string, parameters: Parameters): string {
    const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)])).toString();
    return `${this.base}api/${path}${query === '' ? '' : `?${query}`}`;
  }

  /** Where tiles come from. */
  wsUrl(): string {
    const url = new URL(`${this.base}api/ws`, document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    return url.href;
  }

  private get<T>(path: string, parameters: Parameters, signal: AbortSignal | undefined): Promise<T> {
    const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
    const text = query.toString();
    return this.ask(text === '' ? path : `${path}?${text}`, {}, signal);
  }

  private async ask<T>(path: string, init: RequestInit, signal: AbortSignal | undefined): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${this.base}api/${path}`, signal === undefined ? init : { ...init, signal });
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new ApiError(0, 'the server does not answer');
    }
    if (!response.ok) throw new ApiError(response.status, await reason(response));
    return (await response.json()) as T;
  }
}

async function reason(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'error' in body) return String(body.error);
  } catch {
    // Not JSON: a refusal at the door, which is plain text.
  }
  return text === '' ? `status ${response.status}` : text;
}
