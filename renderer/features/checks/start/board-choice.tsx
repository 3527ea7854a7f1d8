import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type BoardFaultName, boardFaultName } from '../../../../preload/contract/board-faults.ts';
import { faultWords } from '../../../../preload/contract/check-words/fault-words.ts';
import { useAction } from '../../../lib/actions.ts';
import { setParameters } from '../../../lib/location.ts';
import { useBoards } from '../../../lib/streams.ts';
import { useLanguage } from '../check-words.ts';
import shared from '../checks.module.css';
import type { Candidate } from './candidates.ts';
import css from './start.module.css';
import { useChosen } from './start-choices.ts';

interface BoardChoiceProps {
  /** Null until they are known. */
  candidates: readonly Candidate[] | null;
  ticked: readonly string[];
  /** What the list's serial numbers look like; null where it takes any. */
  example: string | null;
}

/** The boards there are, to be ticked, each with its serial number; a board in software for who has none. */
export function BoardChoice({ candidates, ticked, example }: BoardChoiceProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const language = useLanguage();
  const virtual = useBoards() ?? [];
  const [fault, setFault] = useState<BoardFaultName | ''>('');

  async function startVirtual(): Promise<void> {
    const taken = new Set(virtual.map(({ name }) => name));
    let number = 1;
    while (taken.has(`board-${number}`)) number++;
    const board = await run('boards.start', {
      name: `board-${number}`,
      language,
      ...(fault === '' ? {} : { faults: [{ name: fault }] }),
    });
    if (board !== null) useChosen.setState({ keys: [...(candidates?.length === 0 ? [] : ticked), board.address] });
  }
  const tick = (key: string, isTicked: boolean): void =>
    useChosen.setState({ keys: isTicked ? [...ticked, key] : ticked.filter((each) => each !== key) });

  return (
    <section className={css.boards} aria-labelledby="checks-boards">
      <header>
        <h2 id="checks-boards">{t('checks.start.boards')}</h2>
        {candidates !== null && candidates.length > 0 && (
          <div className={css.virtual}>
            <NativeSelect
              size="xs"
              aria-label={t('checks.start.fault')}
              title={t('checks.start.fault')}
              value={fault}
              data={[
                { value: '', label: t('checks.start.healthy') },
                ...boardFaultName.options.map((value) => ({ value, label: faultWords[value][language] })),
              ]}
              onChange={(event) => setFault(boardFaultName.options.find((name) => name === event.currentTarget.value) ?? '')}
            />
            <Button variant="default" leftSection={<IconCpu size={14} aria-hidden />} loading={isBusy} onClick={() => void startVirtual()}>
              {t('checks.start.addVirtual')}
            </Button>
          </div>
        )}
      </header>
      {candidates === null ? (
        <p className={shared.nothing}>{t('frame.loading')}</p>
      ) : candidates.length === 0 ? (
        <div className={`${shared.nothing} ${css.empty}`}>
          <b>{t('checks.start.nothing')}</b>
          <span className="quiet">{t('checks.start.nothingHint')}</span>
          <Button leftSection={<IconCpu size={16} aria-hidden />} loading={isBusy} onClick={() => void startVirtual()}>
            {t('checks.start.tryVirtual')}
          </Button>
        </div>
      ) : (
        <ul>
          {candidates.map((board) => (
            <BoardRow
              key={board.key}
              board={board}
              isTicked={ticked.includes(board.key)}
              example={example}
              onTick={(is) => tick(board.key, is)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface BoardRowProps {
  board: Candidate;
  isTicked: boolean;
  example: string | null;
  onTick(is: boolean): void;
}

function BoardRow({ board, isTicked, example, onTick }: BoardRowProps) {
  const { t } = useTranslation();
  const { name, address, device, isVirtual, isReady, lentTo, kind, key, runId } = board;
  const serialNumber = useChosen(({ serialNumbers }) => serialNumbers[key] ?? '');
  const facts = [
    ...(kind === '' ? [] : [kind]),
    ...(isVirtual ? [t('checks.start.virtual')] : []),
    ...(device === null ? [] : [device.productId, t('checks.start.online')]),
    ...(!isVirtual && device === null && isReady ? [t('checks.start.open')] : []),
    ...(lentTo === null ? [] : [t('checks.start.inUse', { by: lentTo === 'flash' ? t('flash.byFlash') : lentTo })]),
  ];
  return (
    <li data-ticked={(isTicked && runId === null) || undefined}>
      <Checkbox
        checked={isTicked && runId === null}
        disabled={runId !== null}
        label={
          <span className={css.boardLabel}>
            <b className="truncate">{name}</b>
            {address !== null && address !== name && <span className="mono quiet truncate">{address}</span>}
            <span className="quiet truncate">{facts.join(' · ')}</span>
          </span>
        }
        onChange={(event) => onTick(event.currentTarget.checked)}
      />
      {runId !== null ? (
        <Button size="compact-xs" variant="subtle" onClick={() => setParameters({ run: runId, new: null })}>
          {t('checks.start.beingChecked')}
        </Button>
      ) : (
        isTicked && (
          <TextInput
            aria-label={t('checks.start.serialNumberOf', { board: name })}
            placeholder={`${t('checks.start.serialNumber')} (${example === null ? t('checks.start.serialNumberHint') : t('checks.start.serialNumberLike', { example })})`}
            value={serialNumber}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              const text = event.currentTarget.value;
              useChosen.setState(({ serialNumbers }) => ({ serialNumbers: { ...serialNumbers, [key]: text } }));
            }}
          />
        )
      )}
    </li>
  );
}
