import { Notification } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { ErrorText } from '../components/error-notice.tsx';
import { useShortcuts } from '../lib/shortcuts.ts';
import { type Toast, useToasts } from '../lib/toasts.ts';
import css from './frame.module.css';

const doneShownMs = 4000;

export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const dismissAll = useToasts((state) => state.dismissAll);
  const [path] = useLocation();
  useShortcuts({ Escape: dismissAll }, toasts.length > 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what went wrong belongs to the screen it went wrong on, so a new path dismisses it
  useEffect(() => dismissAll, [path, dismissAll]);
  return (
    <div className={css.toasts} aria-live="polite">
      {toasts.map((toast) => (
        <ToastView key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

/** An error stays until it is dismissed: it says what to do, and somebody may be doing it. */
function ToastView({ toast }: { toast: Toast }) {
  const { t } = useTranslation();
  const dismiss = useToasts((state) => state.dismiss);
  const { id, content } = toast;
  useEffect(() => {
    if (content.kind !== 'done') return;
    const timer = setTimeout(() => dismiss(id), doneShownMs);
    return () => clearTimeout(timer);
  }, [content.kind, dismiss, id]);
  return (
    <Notification
      color={content.kind === 'error' ? 'red' : 'trace'}
      withBorder
      loading={content.kind === 'busy'}
      onClose={() => dismiss(id)}
      closeButtonProps={{ 'aria-label': t('frame.dismiss') }}
      role={content.kind === 'error' ? 'alert' : undefined}
    >
      {content.kind === 'error' ? <ErrorText error={content.error} /> : content.text}
    </Notification>
  );
}
