import { newId } from '@meshmart/service/ids';
import { expect, test } from 'vitest';
import { startApp } from './helper.ts';

type Service = Awaited<ReturnType<typeof startApp>>;
interface Page {
  items: { id: string; name: string }[];
  nextCursor: string | null;
}

/** Reads all pages, and calls a function between them. */
async function readAll(
  { app }: Service,
  limit: number,
  between: (page: Page, number: number) => Promise<void>,
) {
  const seen: string[] = [];
  let cursor: string | null = '';
  for (let number = 0; cursor !== null; number++) {
    const path: string = `/products?limit=${limit}${cursor && `&cursor=${cursor}`}`;
    const page: Page = (await app.inject(path)).json();
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    await between(page, number);
  }
  return seen;
}

test('an unchanged product is listed once while others are added, withdrawn and renamed', async () => {
  const service = await startApp();
  const { database } = service.app;
  const nameOf = (number: number) => `Item ${String(number).padStart(3, '0')}`;
  const stays: string[] = [];
  const changes: string[] = [];
  // Every third one stays, and some names are equal, so that the id decides.
  for (let number = 0; number < 60; number++) {
    const { id } = await service.addProduct({ name: nameOf(number - (number % 2)) });
    (number % 3 === 0 ? stays : changes).push(id);
  }

  const seen = await readAll(service, 5, async ({ items }, number) => {
    // On both sides of the cursor, next to it, and the cursor's own row.
    const last = items.at(-1);
    if (last && changes.includes(last.id)) await database.product.delete({ where: { id: last.id } });
    await service.addProduct({ name: 'A new first one' });
    await service.addProduct({ name: last?.name ?? 'Item' });
    await service.addProduct({ name: 'Z new last one', id: newId() });
    const [early, late] = [changes[number], changes.at(-1 - number)];
    await database.product.updateMany({ where: { id: early ?? newId() }, data: { name: 'Item 999' } });
    await database.product.updateMany({ where: { id: late ?? newId() }, data: { name: 'A renamed one' } });
  });

  expect(seen.length).toBeGreaterThan(60);
  expect(seen.filter((id) => stays.includes(id))).toEqual(stays);
});

test('a name of maximum length makes a valid cursor', async () => {
  const service = await startApp();
  const name = '🏺'.repeat(80);
  await service.addProduct({ name });
  await service.addProduct({ name });
  const seen = await readAll(service, 1, async () => {});
  expect(new Set(seen).size).toBe(2);
});
