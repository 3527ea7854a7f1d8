import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { CallName, CallReply, CallRequest } from '../../preload/contract/index.ts';
import type { TalkErrorValue } from '../../preload/contract/talk-error.ts';
import { errorValueOf, isCancelled } from './errors.ts';
import { useLab } from './lab.ts';
import { useToasts } from './toasts.ts';

/**
 * A request whose reply a screen shows. Errors are in `error`, for the screen to show in place. `version`: asked again whenever it is
 * another one, the former reply standing until the new one is there.
 */
export function useReply<Name extends CallName>(
  name: Name,
  body: CallRequest<Name>,
  options: { isEnabled?: boolean; version?: unknown } = {},
) {
  const lab = useLab();
  return useQuery<CallReply<Name>>({
    queryKey: options.version === undefined ? [name, body] : [name, body, options.version],
    ...(options.version === undefined ? {} : { placeholderData: keepPreviousData }),
    queryFn: ({ signal }) => lab.call(name, body, { signal }),
    enabled: options.isEnabled ?? true,
  });
}

/**
 * Something the user told the bench to do. A failure becomes a toast and `null`; `isBusy` disables the button meanwhile.
 * `isShownInPlace`: the screen says itself that it went wrong; `onError`: and what.
 */
export function useAction() {
  const lab = useLab();
  const show = useToasts((state) => state.show);
  const [busyCount, setBusyCount] = useState(0);
  const run = useCallback(
    async <Name extends CallName>(
      name: Name,
      body: CallRequest<Name>,
      { isShownInPlace = false, onError }: { isShownInPlace?: boolean; onError?(error: TalkErrorValue): void } = {},
    ): Promise<CallReply<Name> | null> => {
      setBusyCount((count) => count + 1);
      try {
        return await lab.call(name, body);
      } catch (error) {
        if (isCancelled(error)) return null;
        if (onError !== undefined) onError(errorValueOf(error));
        else if (!isShownInPlace) show({ kind: 'error', error: errorValueOf(error) });
        return null;
      } finally {
        setBusyCount((count) => count - 1);
      }
    },
    [lab, show],
  );
  return { run, isBusy: busyCount > 0 };
}
