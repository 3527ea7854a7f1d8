import { create } from 'zustand';
import type { TalkErrorValue } from '../../preload/contract/talk-error.ts';

export interface Toast {
  id: number;
  /** 'busy': something goes on, and says itself when it is over. */
  content: { kind: 'error'; error: TalkErrorValue } | { kind: 'done' | 'busy'; text: string };
}

interface Toasts {
  toasts: readonly Toast[];
  /** The number it is dismissed by. */
  show(content: Toast['content']): number;
  dismiss(id: number): void;
  dismissAll(): void;
}

let lastId = 0;
const shownAtOnce = 4;

export const useToasts = create<Toasts>((set) => ({
  toasts: [],
  show: (content) => {
    lastId++;
    const toast = { id: lastId, content };
    set(({ toasts }) => ({ toasts: [...toasts, toast].slice(-shownAtOnce) }));
    return toast.id;
  },
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
  dismissAll: () => set({ toasts: [] }),
}));
