/** What `die-at-point.ts` is asked for in this header of a request, as JSON. */
export const crashHeader = 'x-crash-point';

/** A flow that is only counted names no service. */
export interface PointWish {
  /** Tells one client's work from another's. */
  flow: string;
  service?: string;
  /** From 1: each commit and each call to a peer is one. */
  point?: number;
  when?: 'before' | 'after';
  /** It is killed unless it is to freeze until somebody sends SIGCONT. */
  freezes?: boolean;
}

export const reportPrefix = 'crash point ';

/** One line that a process writes at a point; the last one before its death says where it died. */
export interface PointReport {
  flow: string;
  point: number;
  when: 'before' | 'after';
  /** e.g. `COMMIT`, `UPDATE orders`, `POST /payments` */
  what: string;
}
