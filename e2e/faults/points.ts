/** The request header with the instructions for `die-at-point.ts`, as JSON. */
export const crashHeader = 'x-crash-point';

/** Instructions for one flow. Without a service, its points are only counted. */
export interface PointRequest {
  /** Distinguishes the work of one client from that of others. */
  flow: string;
  service?: string;
  /** Number of the point, from 1. Each commit and each call to a peer is a point. */
  point?: number;
  when?: 'before' | 'after';
  /** True to freeze the process until SIGCONT; otherwise it is killed. */
  freezes?: boolean;
}

export const reportPrefix = 'crash point ';

/** A line that a process writes at a point. The last one tells where it died. */
export interface PointReport {
  flow: string;
  point: number;
  when: 'before' | 'after';
  /** e.g. `COMMIT`, `UPDATE orders`, `POST /payments` */
  what: string;
}
