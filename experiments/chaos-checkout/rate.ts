export const ordersPerS = 20;
