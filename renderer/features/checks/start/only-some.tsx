import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckListDocument } from '../../../../preload/contract/checks.ts';
import { useReply } from '../../../lib/actions.ts';
import { byGroup } from '../by-group.ts';
import { useCheckWords } from '../check-words.ts';
import css from './start.module.css';
import { useChosen } from './start-choices.ts';

/** A part of the list: what is not ticked is skipped. */
export function OnlySome({ list }: { list: CheckListDocument }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const only = useChosen((state) => state.only);
  const [isOpen, setOpen] = useState(only !== null);
  const inspected = useReply('checks.inspectList', { text: list.text }, { isEnabled: isOpen });
  const checks = inspected.data?.outline?.checks ?? [];
  const all = checks.map(({ id }) => id);
  const ticked = new Set(only ?? all);

  function tick(ids: readonly string[], isTicked: boolean): void {
    const next = all.filter((id) => (ids.includes(id) ? isTicked : ticked.has(id)));
    useChosen.setState({ only: next.length === all.length ? null : next });
  }
  return (
    <details className={css.only} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {t('checks.start.only')}
        {only !== null && <span className="quiet"> · {t('checks.run.progress', { done: only.length, all: all.length })}</span>}
      </summary>
      <div className={css.onlyBar}>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => tick(all, true)}>
          {t('checks.start.all')}
        </Button>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => tick(all, false)}>
          {t('checks.start.none')}
        </Button>
      </div>
      <div className={css.onlyGroups}>
        {byGroup(checks).map(({ group, items }) => (
          <fieldset key={group}>
            <legend>
              <Checkbox
                label={<b>{words.group(group)}</b>}
                checked={items.every(({ id }) => ticked.has(id))}
                indeterminate={items.some(({ id }) => ticked.has(id)) && !items.every(({ id }) => ticked.has(id))}
                onChange={(event) =>
                  tick(
                    items.map(({ id }) => id),
                    event.currentTarget.checked,
                  )
                }
              />
            </legend>
            {items.map((item) => (
              <Checkbox
                key={item.id}
                label={words.outlineTitle(item)}
                checked={ticked.has(item.id)}
                onChange={(event) => tick([item.id], event.currentTarget.checked)}
              />
            ))}
          </fieldset>
        ))}
      </div>
    </details>
  );
}
