export const candidates = {};
