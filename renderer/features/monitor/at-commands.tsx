import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AtConsole as AtConsoleValue } from '../../../preload/contract/at.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { useToasts } from '../../lib/toasts.ts';
import { AtCommandLine } from './at-command-line.tsx';
import css from './at-console.module.css';
import { ExchangeItem, UrcItem } from './at-exchange.tsx';
import { historyOf, idOf, itemsOf } from './at-state.ts';

/** Within this of the end the view follows what is new. */
const NEAR_END_PX = 24;

/** What was asked and answered, with what came unasked between, and the line to ask from. */
export function AtCommands({ address, console }: { address: string; console: AtConsoleValue }) {
  const { t } = useTranslation();
  const lab = useLab();
  const show = useToasts((state) => state.show);
  const [text, setText] = useState('');
  const [isFollowing, setFollowing] = useState(true);
  const scroller = useRef<HTMLElement>(null);
  const { state, exchanges, urcs } = console;
  const items = itemsOf(console);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what came is the reason to scroll
  useEffect(() => {
    const element = scroller.current;
    if (isFollowing && element !== null) element.scrollTop = element.scrollHeight;
  }, [exchanges, urcs, isFollowing]);

  async function send(command: string, data: string | undefined): Promise<void> {
    setFollowing(true);
    try {
      await lab.call('at.send', { address, command, ...(data === undefined ? {} : { data }) });
    } catch (error) {
      const value = errorValueOf(error);
      // What became of a command stands beside it already.
      const isShown = value.code === 'cancelled' || (value.code.startsWith('at/') && value.code !== 'at/data-mode');
      if (!isShown) show({ kind: 'error', error: value });
    }
  }

  return (
    <>
      <section
        ref={scroller}
        className={css.scroller}
        aria-label={t('at.view.commands')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          setFollowing(scrollHeight - scrollTop - clientHeight < NEAR_END_PX)
        }
      >
        {items.length === 0 && <p className={css.hint}>{t(state.mode === 'closed' ? 'at.closedHint' : 'at.emptyHint')}</p>}
        <ul className={css.list}>
          {items.map((item) =>
            item.kind === 'exchange' ? (
              <ExchangeItem key={idOf(item)} exchange={item.exchange} onReuse={setText} />
            ) : (
              <UrcItem key={idOf(item)} urc={item.urc} />
            ),
          )}
        </ul>
        {!isFollowing && (
          <Button className={css.newest ?? ''} size="compact-xs" radius="xl" onClick={() => setFollowing(true)}>
            {t('at.newest')}
          </Button>
        )}
      </section>
      <AtCommandLine
        history={historyOf(exchanges)}
        isDisabled={state.mode === 'closed' || state.mode === 'data'}
        text={text}
        onText={setText}
        onSend={(command, data) => void send(command, data)}
      />
    </>
  );
}
