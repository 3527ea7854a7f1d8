export type Track = 'user' | 'agent';

export const tracks: readonly Track[] = ['user', 'agent'];

export const slowest = 0.25;
export const fastest = 4;
