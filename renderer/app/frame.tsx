import { Button, Tooltip } from '@mantine/core';
import {
  IconArrowsUpDown,
  IconBolt,
  IconChecklist,
  IconClipboardCheck,
  IconCloud,
  IconEngine,
  IconHistory,
  IconHourglass,
  IconMessage2,
  IconRobot,
  IconSettings,
  IconTerminal2,
  IconWaveSine,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { errorSentences } from '../lib/errors.ts';
import { useConnection } from '../lib/lab.ts';
import { goTo } from '../lib/location.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { useCoreStatus } from '../lib/streams.ts';
import css from './frame.module.css';
import { StatusBar } from './status-bar.tsx';
import { Toasts } from './toasts.tsx';

const screens = [
  { path: '/monitor', name: 'monitor', Icon: IconTerminal2 },
  { path: '/flash', name: 'flash', Icon: IconBolt },
  { path: '/talk', name: 'talk', Icon: IconMessage2 },
  { path: '/agents', name: 'agents', Icon: IconRobot },
  { path: '/engines', name: 'engines', Icon: IconEngine },
  { path: '/cloud', name: 'cloud', Icon: IconCloud },
  { path: '/wire', name: 'wire', Icon: IconArrowsUpDown },
  { path: '/sessions', name: 'sessions', Icon: IconHistory },
  { path: '/latency', name: 'latency', Icon: IconHourglass },
  { path: '/settings', name: 'settings', Icon: IconSettings },
  { path: '/quality', name: 'quality', Icon: IconChecklist },
  { path: '/checks', name: 'checks', Icon: IconClipboardCheck },
] as const;

/** Where nothing leads away by accident: a station of a line has a page to itself. */
const alone = '/checks/operator';

/** The screens' keys with Alt, as they stand in the row: the tenth is on 0, then come - and =. */
const keys = '1234567890'.split('').map((digit) => ({ code: `Digit${digit}`, label: digit }));
keys.push({ code: 'Minus', label: '-' }, { code: 'Equal', label: '=' });

/** What stands around every screen: where to go, what the bench is doing, what went wrong. */
export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [path] = useLocation();
  const isAlone = path === alone;
  useShortcuts(Object.fromEntries(screens.map((screen, index) => [`Alt+${keys[index]?.code}`, () => goTo(screen.path)])), !isAlone);
  if (isAlone)
    return (
      <div className={css.alone}>
        <ConnectionBanner />
        <DiskBanner />
        <main className={css.screen}>{children}</main>
        <Toasts />
      </div>
    );

  return (
    <div className={css.frame}>
      <ConnectionBanner />
      <DiskBanner />
      <nav className={css.rail} aria-label={t('frame.navigation')}>
        <div className={css.mark} title="Talkbench">
          <IconWaveSine size={26} stroke={2.2} aria-hidden />
        </div>
        {screens.map(({ path: target, name, Icon }, index) => (
          <Tooltip key={name} label={`${t(`frame.${name}`)} · Alt+${keys[index]?.label}`} position="right">
            <a href={`#${target}`} className={css.entry} aria-current={path.startsWith(target) ? 'page' : undefined}>
              <Icon size={20} stroke={1.7} aria-hidden />
              <span>{t(`frame.${name}`)}</span>
            </a>
          </Tooltip>
        ))}
      </nav>
      <main className={css.screen}>{children}</main>
      <StatusBar />
      <Toasts />
    </div>
  );
}

/** Nothing can be stored: said over every screen, for as long as it lasts. */
function DiskBanner() {
  const { t } = useTranslation();
  const status = useCoreStatus();
  const { state } = useConnection();
  const problem = status?.problem ?? null;
  if (status === null || problem === null || state.state === 'lost') return null;
  const { what, next } = errorSentences(t, problem);
  return (
    <div className={css.banner} role="alert" data-error-code={problem.code}>
      <span>
        {what} {next} {status.droppedCount > 0 && t('frame.dropped', { count: status.droppedCount })}
      </span>
      <Button component="a" href="#/sessions" size="compact-xs" variant="white" color="dark">
        {t('sharing.makeRoom')}
      </Button>
    </div>
  );
}

function ConnectionBanner() {
  const { t } = useTranslation();
  const { state, retryNow } = useConnection();
  if (state.state !== 'lost') return null;
  const isFinal = state.retryInMs === null;
  return (
    <div className={css.banner} role="alert">
      <span>{isFinal ? t('frame.connectionRefused') : t('frame.connectionLost')}</span>
      <Button size="compact-xs" variant="white" color="dark" onClick={retryNow}>
        {t('frame.retryNow')}
      </Button>
    </div>
  );
}
