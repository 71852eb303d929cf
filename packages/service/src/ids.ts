import { v7 } from 'uuid';

/** Returns a new id: a UUIDv7 (RFC 9562), which sorts by creation time. */
export function newId(): string {
  return v7();
}
