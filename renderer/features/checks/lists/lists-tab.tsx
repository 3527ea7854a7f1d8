import { Button, FileButton } from '@mantine/core';
import { IconFileImport, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../../lib/actions.ts';
import { readFile } from '../../../lib/files.ts';
import { setParameters, useParameters } from '../../../lib/location.ts';
import { useCheckLists } from '../check-streams.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import { ListPanel } from './list-panel.tsx';
import css from './lists.module.css';

/** Lists of the product and one's own on the left, the chosen one on the right: `list=ID`. */
export function ListsTab() {
  const { t } = useTranslation();
  const parameters = useParameters();
  const words = useCheckWords();
  const lists = useCheckLists();
  const { run, isBusy } = useAction();
  const chosen = lists?.find(({ id }) => id === parameters.get('list')) ?? lists?.[0];

  async function put(text: string): Promise<void> {
    const saved = await run('checks.putList', { text });
    if (saved !== null) setParameters({ list: saved.id });
  }
  const blank = `name: ${t('checks.lists.newText')}\nversion: '1'\nchecks:\n  - power.boot\n`;
  return (
    <div className={shared.columns}>
      <aside className={shared.side} aria-label={t('checks.lists.lists')}>
        <Button size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} loading={isBusy} onClick={() => void put(blank)}>
          {t('checks.lists.new')}
        </Button>
        <FileButton
          accept=".yaml,.yml"
          onChange={(file) => file !== null && void readFile(file).then((bytes) => put(new TextDecoder().decode(bytes)))}
        >
          {(props) => (
            <Button {...props} size="compact-sm" variant="default" leftSection={<IconFileImport size={14} aria-hidden />}>
              {t('checks.lists.openFile')}
            </Button>
          )}
        </FileButton>
        <nav className={css.entries} aria-label={t('checks.lists.lists')}>
          {[false, true].map((isOfProduct) => {
            const of = (lists ?? []).filter(({ isBuiltIn }) => isBuiltIn === isOfProduct);
            if (of.length === 0) return null;
            return (
              <section key={String(isOfProduct)}>
                <h2>{t(isOfProduct ? 'checks.lists.ofProduct' : 'checks.lists.ofOwn')}</h2>
                {of.map((list) => (
                  <button
                    key={list.id}
                    type="button"
                    className={css.entry}
                    aria-current={list.id === chosen?.id}
                    onClick={() => setParameters({ list: list.id })}
                  >
                    <span className="truncate">{words.list(list)}</span>
                    <small className="quiet truncate">
                      {t('checks.start.listChecks', { count: list.checkCount })} · {t('checks.lists.version', { version: list.version })}
                    </small>
                  </button>
                ))}
              </section>
            );
          })}
        </nav>
      </aside>
      {lists === null ? (
        <p className={shared.centre}>{t('frame.loading')}</p>
      ) : chosen === undefined ? (
        <p className={shared.centre}>{t('checks.start.noLists')}</p>
      ) : (
        <ListPanel key={chosen.id} list={chosen} />
      )}
    </div>
  );
}
