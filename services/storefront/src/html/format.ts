const LOCALE = 'en-IE';

/** `1290, 'EUR'` → `€12.90`. The number of decimals is the currency's own. */
export function formatMoney(amountMinor: number, currency: string): string {
  const format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency });
  return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

const dateTime = new Intl.DateTimeFormat(LOCALE, {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** An RFC 3339 time → `12 Jan 2026, 08:00 UTC`. */
export function formatTime(timestamp: string): string {
  return `${dateTime.format(new Date(timestamp))} UTC`;
}

/** `coffee-and-tea` → `Coffee and tea`. */
export function formatCategory(category: string): string {
  return category.charAt(0).toUpperCase() + category.slice(1).replaceAll('-', ' ');
}

/** `1, 'piece'` → `1 piece`; `2, 'piece'` → `2 pieces`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
