import { Button, Tooltip } from '@mantine/core';
import { IconBolt, IconHistory, IconMessage2, IconSettings, IconTerminal2, IconWaveSine } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useConnection } from '../lib/lab.ts';
import { goTo } from '../lib/location.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import css from './frame.module.css';
import { StatusBar } from './status-bar.tsx';
import { Toasts } from './toasts.tsx';

const screens = [
  { path: '/monitor', name: 'monitor', Icon: IconTerminal2 },
  { path: '/flash', name: 'flash', Icon: IconBolt },
  { path: '/talk', name: 'talk', Icon: IconMessage2 },
  { path: '/sessions', name: 'sessions', Icon: IconHistory },
  { path: '/settings', name: 'settings', Icon: IconSettings },
] as const;

/** What stands around every screen: where to go, what the bench is doing, what went wrong. */
export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [path] = useLocation();
  useShortcuts(Object.fromEntries(screens.map((screen, index) => [`Alt+Digit${index + 1}`, () => goTo(screen.path)])));

  return (
    <div className={css.frame}>
      <ConnectionBanner />
      <nav className={css.rail} aria-label={t('frame.navigation')}>
        <div className={css.mark} title="Talkbench">
          <IconWaveSine size={26} stroke={2.2} aria-hidden />
        </div>
        {screens.map(({ path: target, name, Icon }, index) => (
          <Tooltip key={name} label={`${t(`frame.${name}`)} · Alt+${index + 1}`} position="right">
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
