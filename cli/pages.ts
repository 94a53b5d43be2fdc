/** Items of one page; a shorter one is the last. */
export const PAGE_ITEMS = 250;
const MAX_PAGES = 400;

/** All items of a view that gives them in pages: each call gets the last item of the page before. */
export async function collectPages<T>(page: (last: T | undefined) => Promise<readonly T[]>): Promise<readonly T[]> {
  const items: T[] = [];
  for (let count = 0; count < MAX_PAGES; count++) {
    const found = await page(items.at(-1));
    items.push(...found);
    if (found.length < PAGE_ITEMS) break;
  }
  return items;
}
