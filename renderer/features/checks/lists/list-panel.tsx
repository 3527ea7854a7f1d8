import { Button } from '@mantine/core';
import { IconDownload, IconTrash } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckListDocument, CheckListOutline } from '../../../../preload/contract/checks.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { LinedText, type LinedTextHandle } from '../../../components/lined-text.tsx';
import strip from '../../../components/tab-strip.module.css';
import { useAction, useReply } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { saveFile } from '../../../lib/files.ts';
import { setParameters, useParameters } from '../../../lib/location.ts';
import { byGroup } from '../by-group.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import { Catalogue } from './catalogue.tsx';
import css from './lists.module.css';

const beside = ['outline', 'catalogue'] as const;

/** One list as its text, with what is wrong at its line; beside it what it holds, or all that it might. */
export function ListPanel({ list }: { list: CheckListDocument }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [text, setText] = useState(list.text);
  const [isRemoving, setRemoving] = useState(false);
  const view = useParameters().get('beside') === 'catalogue' ? 'catalogue' : 'outline';
  const inspected = useReply('checks.inspectList', { text }, { version: 0 });
  const { problems = [], outline = null } = inspected.data ?? {};
  const area = useRef<LinedTextHandle>(null);
  const name = useCheckWords().list(list);
  const isChanged = text !== list.text;

  async function save(isCopy: boolean): Promise<void> {
    const saved = await run('checks.putList', { ...(isCopy ? { isCopy } : { id: list.id }), text });
    if (saved !== null && saved.id !== list.id) setParameters({ list: saved.id });
  }
  async function remove(): Promise<void> {
    setRemoving(false);
    if ((await run('checks.removeList', { id: list.id })) !== null) setParameters({ list: null });
  }
  return (
    <section className={css.list} aria-label={name}>
      <header className={css.listHead}>
        <h1 className="truncate" title={name}>
          {name}
        </h1>
        <span className={`quiet ${css.standing}`}>
          {isChanged ? t('checks.lists.unsaved') : t(list.isBuiltIn ? 'checks.lists.builtIn' : 'checks.lists.own')}
        </span>
        <span className={shared.grow} />
        {!list.isBuiltIn && (
          <Button size="compact-sm" loading={isBusy} disabled={!isChanged || problems.length > 0} onClick={() => void save(false)}>
            {t('checks.lists.save')}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant={list.isBuiltIn && isChanged ? 'filled' : 'default'}
          loading={isBusy}
          disabled={problems.length > 0}
          onClick={() => void save(true)}
        >
          {t(isChanged ? 'checks.lists.saveCopy' : 'checks.lists.copy')}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => saveFile(`${name}.yaml`, new TextEncoder().encode(text))}
        >
          {t('checks.lists.download')}
        </Button>
        {!list.isBuiltIn && (
          <Button size="compact-sm" variant="default" leftSection={<IconTrash size={14} aria-hidden />} onClick={() => setRemoving(true)}>
            {t('checks.lists.remove')}
          </Button>
        )}
      </header>
      <div className={css.listBody}>
        <div className={css.written}>
          <LinedText
            ref={area}
            text={text}
            label={t('checks.lists.text')}
            faulty={new Set(problems.map(({ line }) => line))}
            onText={setText}
          />
          <div className={css.problems} role="status">
            {inspected.error !== null ? (
              <ErrorNotice error={errorValueOf(inspected.error)} />
            ) : problems.length === 0 ? (
              <span className="quiet">
                {outline === null ? t('checks.lists.reading') : t('checks.lists.good', { count: outline.checks.length })}
              </span>
            ) : (
              <ul aria-label={t('checks.lists.problems', { count: problems.length })}>
                {problems.map(({ line, path, reason }) => (
                  <li key={`${line} ${path} ${reason}`}>
                    <button type="button" onClick={() => area.current?.goToLine(line)}>
                      {line !== null && <b>{t('checks.lists.line', { line })} </b>}
                      {path !== '' && !reason.startsWith(path) && <code>{path}: </code>}
                      {reason}
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </div>
        </div>
        <div className={css.beside}>
          <div className={strip.tabs} role="tablist" aria-label={t('checks.lists.views.label')}>
            {beside.map((each) => (
              <button
                key={each}
                type="button"
                role="tab"
                id={`list-beside-${each}`}
                aria-controls="list-beside"
                aria-selected={each === view}
                onClick={() => setParameters({ beside: each === 'outline' ? null : each })}
              >
                {t(`checks.lists.views.${each}`)}
              </button>
            ))}
          </div>
          <div className={css.besideBody} role="tabpanel" id="list-beside" aria-labelledby={`list-beside-${view}`}>
            {view === 'catalogue' ? (
              <Catalogue onInsert={(name) => setText(`${text.trimEnd()}\n  - ${name}\n`)} />
            ) : (
              outline !== null && <Outline outline={outline} onLine={(line) => area.current?.goToLine(line)} />
            )}
          </div>
        </div>
      </div>
      {isRemoving && (
        <Confirm
          title={t('checks.lists.remove')}
          text={t('checks.lists.removeAsk', { name })}
          action={t('checks.lists.remove')}
          onClose={() => setRemoving(false)}
          onConfirm={() => void remove()}
        />
      )}
    </section>
  );
}

function Outline({ outline: { checks, serialNumber }, onLine }: { outline: CheckListOutline; onLine(line: number): void }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  return (
    <div className={css.outline}>
      {serialNumber !== null && <p className="quiet">{t('checks.lists.serialNumbers', { example: serialNumber.example })}</p>}
      {byGroup(checks).map(({ group, items }) => (
        <section key={group}>
          <h2>{words.group(group)}</h2>
          <ul>
            {items.map((item) => (
              <li key={item.id}>
                <button type="button" disabled={item.line === null} onClick={() => item.line !== null && onLine(item.line)}>
                  {words.outlineTitle(item)} <span className="mono quiet">{item.id}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
