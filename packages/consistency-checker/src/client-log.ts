import { readFile } from 'node:fs/promises';

/** The members of a response about an order that the checker compares. */
export interface OrderResponse {
  id: string;
  status: 'pending' | 'confirmed' | 'cancelled';
  cancelReason?: string;
  totalMinor?: number;
}

/** A line of a client's log, written when it happens. `status` is 0 without a response. */
export type ClientEvent =
  | {
      event: 'place';
      key: string;
      userId: string;
      paymentToken: string;
      items: { productId: string; quantity: number }[];
      basket?: string;
    }
  | { event: 'placed' | 'read' | 'cancelled'; key: string; status: number; response?: OrderResponse }
  | { event: 'cancel'; key: string };

/**
 * An order as its client saw it. The client repeats its key until there is a response, and reads the order
 * until it has ended.
 */
export interface ClientOrder {
  key: string;
  userId: string;
  paymentToken: string;
  items: { productId: string; quantity: number }[];
  /** Basket of a client that uses the shop. It may be sent with several keys, and must become one order. */
  basket?: string;
  responses: OrderResponse[];
  wantsCancel: boolean;
  cancelResponses: OrderResponse[];
}

/** Reads a client log. @throws an Error when a line is not an event, or names a key that was never sent */
export async function readClientLog(file: string): Promise<ClientOrder[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
  return collectOrders(lines.map((line) => JSON.parse(line)));
}

/** Collects the events of each order. @throws an Error for an event of a key that was never sent */
export function collectOrders(events: ClientEvent[]): ClientOrder[] {
  const orders = new Map<string, ClientOrder>();
  for (const event of events) {
    if (event.event === 'place') {
      const { event: _, ...request } = event;
      const none = { responses: [], wantsCancel: false, cancelResponses: [] };
      orders.set(event.key, { ...request, ...structuredClone(none) });
      continue;
    }
    const order = orders.get(event.key);
    if (!order) throw new Error(`the client log names the key ${event.key}, which was never sent`);
    recordEvent(order, event);
  }
  return [...orders.values()];
}

function recordEvent(order: ClientOrder, event: Exclude<ClientEvent, { event: 'place' }>): void {
  if (event.event === 'cancel') order.wantsCancel = true;
  else if (event.response)
    (event.event === 'cancelled' ? order.cancelResponses : order.responses).push(event.response);
}
