import { create } from 'zustand';
import type { TalkErrorValue } from '../../preload/contract/talk-error.ts';

export interface Toast {
  id: number;
  content: { kind: 'error'; error: TalkErrorValue } | { kind: 'done'; text: string };
}

interface Toasts {
  toasts: readonly Toast[];
  show(content: Toast['content']): void;
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
  },
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
  dismissAll: () => set({ toasts: [] }),
}));
