import { readFile } from 'node:fs/promises';

/** What a client got to know about an order: the members of an response that the checker compares. */
export interface OrderResponse {
  id: string;
  status: 'pending' | 'confirmed' | 'cancelled';
  cancelReason?: string;
  totalMinor?: number;
}

/** One line of a client's log. `status` is 0 where no response came. Each is written when it happens, so that none is lost. */
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

/** An order as its client sees it, who sends the same key until there is an response, and perhaps once more, and looks how it ends. */
export interface ClientOrder {
  key: string;
  userId: string;
  paymentToken: string;
  items: { productId: string; quantity: number }[];
  /** The basket that was ordered, of a client that uses the shop: it may be sent with several keys, and is one order. */
  basket?: string;
  responses: OrderResponse[];
  wantsCancel: boolean;
  cancelResponses: OrderResponse[];
}

/** @throws when a line is not an event, or tells of a key that was never sent */
export async function readClientLog(file: string): Promise<ClientOrder[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
  return collectOrders(lines.map((line) => JSON.parse(line)));
}

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
    if (!order) throw new Error(`the client log tells of the key ${event.key}, which was never sent`);
    recordEvent(order, event);
  }
  return [...orders.values()];
}

function recordEvent(order: ClientOrder, event: Exclude<ClientEvent, { event: 'place' }>): void {
  if (event.event === 'cancel') order.wantsCancel = true;
  else if (event.response)
    (event.event === 'cancelled' ? order.cancelResponses : order.responses).push(event.response);
}
