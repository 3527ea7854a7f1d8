import { Button } from '@mantine/core';
import { IconBarcode } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import strip from '../../components/tab-strip.module.css';
import { goTo, useParameters } from '../../lib/location.ts';
import { useImpairedLinks } from './check-streams.ts';
import css from './checks.module.css';
import { FilesTab } from './files/files-tab.tsx';
import { HistoryTab } from './history/history-tab.tsx';
import { LinkTab } from './link/link-tab.tsx';
import { ListsTab } from './lists/lists-tab.tsx';
import { RunTab } from './run/run-tab.tsx';

const tabs = ['run', 'history', 'lists', 'link', 'files'] as const;

/** Bring-up checks: boards being checked, what came of them, by which lists, and over which network: `#/checks?tab=…`. */
export function ChecksScreen() {
  const { t } = useTranslation();
  const parameters = useParameters();
  const links = useImpairedLinks() ?? [];
  const tab = tabs.find((each) => each === parameters.get('tab')) ?? 'run';
  return (
    <div className={css.screen}>
      <div className={css.tabBar}>
        <div className={strip.tabs} role="tablist" aria-label={t('checks.tabs.label')}>
          {tabs.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`checks-tab-${each}`}
              aria-controls="checks-panel"
              aria-selected={each === tab}
              onClick={() => goTo(each === 'run' ? '/checks' : `/checks?tab=${each}`)}
            >
              {t(`checks.tabs.${each}`)}
              {each === 'link' && links.length > 0 && <b className={css.alarm}>{links.length}</b>}
            </button>
          ))}
        </div>
        <Button
          component="a"
          href="#/checks/operator"
          size="compact-sm"
          variant="default"
          leftSection={<IconBarcode size={15} aria-hidden />}
        >
          {t('checks.operatorMode')}
        </Button>
      </div>
      <div className={css.panel} role="tabpanel" id="checks-panel" aria-labelledby={`checks-tab-${tab}`}>
        {tab === 'run' && <RunTab />}
        {tab === 'history' && <HistoryTab />}
        {tab === 'lists' && <ListsTab />}
        {tab === 'link' && <LinkTab />}
        {tab === 'files' && <FilesTab />}
      </div>
    </div>
  );
}
