import { Button, Checkbox, NumberInput, TextInput } from '@mantine/core';
import { IconBolt } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recipe } from '../../../../preload/contract/recipes.ts';
import { useAction } from '../../../lib/actions.ts';
import { useFlashJobs } from '../../../lib/streams.ts';
import type { BenchBoards } from '../bench-boards.ts';
import { labelBoard, tickBoard, tickBoards, useChosenBoards } from '../chosen-boards.ts';
import { isForOneBoard } from '../provisioning/draft.ts';
import { ListLeft } from '../provisioning/list-left.tsx';
import { askedFor } from '../provisioning/variables.ts';
import { VariableFields } from '../provisioning/variables-form.tsx';
import css from './recipes.module.css';

export interface BatchFormProps {
  recipe: Recipe;
  bench: BenchBoards;
  variables: Record<string, string>;
  onVariables(values: Record<string, string>): void;
}

/** Boards to tick and to label. A barcode reader types a label and Enter, which goes on to the next. */
export function BatchForm({ recipe, bench, variables, onVariables }: BatchFormProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const { addresses, labels } = useChosenBoards();
  const running = (useFlashJobs() ?? []).filter(({ state }) => state === 'running').map(({ address }) => address);
  const [atOnce, setAtOnce] = useState(16);
  const fields = useRef<HTMLDivElement>(null);
  const startButton = useRef<HTMLButtonElement>(null);

  const ticked = bench.boards.filter(({ address }) => addresses.includes(address)).map(({ address }) => address);
  const free = ticked.filter((address) => !running.includes(address));
  const names = askedFor(recipe.provisioning?.entries ?? [], recipe.provisioning?.csv, recipe.provisioning?.device !== undefined);
  const missing = names.filter((name) => (variables[name] ?? recipe.provisioning?.variables[name] ?? '') === '');
  const labelOf = (address: string): string => (labels[address] ?? '').trim();
  const isTwice = (address: string): boolean =>
    labelOf(address) !== '' && ticked.some((other) => other !== address && labelOf(other) === labelOf(address));
  const hint =
    ticked.length === 0
      ? 'needBoards'
      : free.length === 0
        ? 'allBusy'
        : missing.length > 0
          ? 'needVariables'
          : free.length > 1 && isForOneBoard(recipe.provisioning)
            ? 'oneDevice'
            : null;
  const canStart = hint === null && !free.some(isTwice);

  function onLabelKey(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const inputs = [...(fields.current?.querySelectorAll<HTMLInputElement>('input[data-label]:enabled') ?? [])];
    const next = inputs[inputs.indexOf(event.currentTarget) + 1];
    if (next === undefined) startButton.current?.focus();
    else {
      next.focus();
      next.select();
    }
  }
  async function start(): Promise<void> {
    const begun = await run('batch.start', {
      recipeId: recipe.id,
      boards: free.map((address) => ({ address, label: labelOf(address) })),
      variables,
      atOnce,
    });
    // The next boards on these ports are other ones: nothing may be recorded under the labels of these.
    if (begun !== null) for (const address of free) labelBoard(address, '');
  }

  return (
    <div className={css.form}>
      <ListLeft device={recipe.provisioning?.device} wanted={free.length} />
      <header className={css.boardsHead}>
        <h3>{t('recipes.batch.boards')}</h3>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => tickBoards(bench.boards.map(({ address }) => address))}>
          {t('flash.all')}
        </Button>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => tickBoards([])}>
          {t('flash.none')}
        </Button>
      </header>
      {bench.boards.length === 0 && <p className="quiet">{t('flash.noBoards')}</p>}
      <div ref={fields} className={css.boards} data-key="boards">
        {bench.boards.map(({ address, name }) => {
          const isTicked = addresses.includes(address);
          return (
            <div key={address} className={css.boardRow} data-ticked={isTicked || undefined}>
              <Checkbox
                checked={isTicked}
                aria-label={t('recipes.batch.tick', { board: name })}
                onChange={(event) => tickBoard(address, event.currentTarget.checked)}
              />
              <span className="truncate" title={address}>
                {name} {name !== address && <span className="mono quiet">{address}</span>}
              </span>
              <TextInput
                size="xs"
                data-label
                aria-label={t('recipes.batch.labelOf', { board: name })}
                placeholder={t('recipes.batch.labelHint')}
                disabled={!isTicked}
                value={labels[address] ?? ''}
                error={isTicked && isTwice(address) ? t('recipes.batch.twice') : null}
                onChange={(event) => labelBoard(address, event.currentTarget.value)}
                onKeyDown={onLabelKey}
              />
            </div>
          );
        })}
      </div>
      {names.length > 0 && (
        <section className={css.variables} aria-label={t('recipes.batch.variables')}>
          <h3>{t('recipes.batch.variables')}</h3>
          <VariableFields names={names} values={{ ...recipe.provisioning?.variables, ...variables }} onChange={onVariables} />
        </section>
      )}
      <div className={css.go}>
        <NumberInput
          w={92}
          size="xs"
          label={t('recipes.batch.atOnce')}
          min={1}
          max={64}
          clampBehavior="strict"
          value={atOnce}
          onChange={(value) => setAtOnce(Math.max(1, Number(value) || 1))}
        />
        <Button
          ref={startButton}
          size="sm"
          data-key="start"
          leftSection={<IconBolt size={17} aria-hidden />}
          disabled={!canStart}
          loading={isBusy}
          onClick={() => void start()}
        >
          {t('recipes.batch.start', { count: free.length })}
        </Button>
        {hint !== null && <span className="quiet">{t(`recipes.batch.${hint}`)}</span>}
      </div>
    </div>
  );
}
