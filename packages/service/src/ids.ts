import { v7 } from 'uuid';

/** The one maker of ids: UUIDv7 (RFC 9562), which sort by the time they were made. */
export function newId(): string {
  return v7();
}
