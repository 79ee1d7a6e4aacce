/** The one server behind the page, and what is known of whether it answers. */

import { Api, ApiError, isAbort } from '../api/client';
import { connection } from './view';

export const api = new Api();

/** Runs a question; a newer one of the same kind gives up the older. */
export class Latest {
  private running: AbortController | null = null;

  /** The answer, or null when a newer question took over. Errors of the newest are thrown. */
  async ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    this.running?.abort();
    const mine = new AbortController();
    this.running = mine;
    try {
      const answer = await question(mine.signal);
      if (this.running !== mine) return null;
      connection.value = 'open';
      return answer;
    } catch (error) {
      if (this.running !== mine || isAbort(error)) return null;
      if (error instanceof ApiError && error.gone) connection.value = 'gone';
      throw error;
    }
  }

  cancel(): void {
    this.running?.abort();
    this.running = null;
  }
}

/** An error as a sentence part for the page. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
