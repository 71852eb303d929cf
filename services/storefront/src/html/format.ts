const LOCALE = 'en-IE';

/** Formats an amount in minor units: `1290, 'EUR'` → `€12.90`. */
export function formatMoney(amountMinor: number, currency: string): string {
  const format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency });
  return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

const dateTime = new Intl.DateTimeFormat(LOCALE, {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** Formats an RFC 3339 time as `12 Jan 2026, 08:00 UTC`. */
export function formatTime(timestamp: string): string {
  return `${dateTime.format(new Date(timestamp))} UTC`;
}

/** Formats a category: `coffee-and-tea` → `Coffee and tea`. */
export function formatCategory(category: string): string {
  return category.charAt(0).toUpperCase() + category.slice(1).replaceAll('-', ' ');
}

/** Formats a count: `1, 'item'` → `1 item`; `2, 'item'` → `2 items`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
