import { ActionIcon, Autocomplete, Button, Checkbox, Tooltip } from '@mantine/core';
import { IconCpu, IconRefresh } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VirtualBoard } from '../../../preload/contract/boards.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { kindOf } from '../../lib/port-kind.ts';
import { useBoards } from '../../lib/streams.ts';
import { boardColours } from '../monitor/board-looks.ts';
import type { BenchBoard, BenchBoards } from './bench-boards.ts';
import css from './boards.module.css';
import { addTypedBoard, tickBoard, tickBoards, useChosenBoards } from './chosen-boards.ts';

export interface BoardPickerProps {
  bench: BenchBoards;
  virtualKind: VirtualBoard['kind'];
  /** What is to be done wants boards that have their firmware. */
  needsFirmware: boolean;
}

/** The ports there are, to be ticked; any other address can be typed. */
export function BoardPicker({ bench, virtualKind, needsFirmware }: BoardPickerProps) {
  const { t } = useTranslation();
  const { addresses, typed } = useChosenBoards();
  const { listed } = bench;
  const rows = withTyped(bench.boards, [...typed, ...addresses]);
  const list = useRef<HTMLUListElement>(null);
  // The one that was ticked last, by hand or otherwise; of all of them some are in sight anyway.
  const newest = addresses.length === rows.length ? undefined : addresses.at(-1);
  const place = rows.findIndex(({ address }) => address === newest);
  useEffect(() => {
    if (list.current !== null && place >= 0) bringIntoView(list.current, place);
  }, [place]);
  return (
    <section className={css.picker} aria-labelledby="boards-title">
      <header className={css.head}>
        <h2 id="boards-title">{t('flash.boards')}</h2>
        <Tooltip label={t('flash.refresh')}>
          <ActionIcon size={24} aria-label={t('flash.refresh')} loading={listed.isFetching} onClick={() => void listed.refetch()}>
            <IconRefresh size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
        {rows.length > 1 && (
          <>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => tickBoards(rows.map(({ address }) => address))}>
              {t('flash.all')}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => tickBoards([])}>
              {t('flash.none')}
            </Button>
          </>
        )}
        <span className={css.grow} />
        <AddPort boards={rows.filter(({ address }) => !addresses.includes(address))} />
        <StartVirtual kind={virtualKind} hasFirmware={needsFirmware || virtualKind === 'cat1'} />
      </header>
      {listed.error !== null && <ErrorNotice error={errorValueOf(listed.error)} />}
      {listed.data?.problem !== undefined && <ErrorNotice error={listed.data.problem} />}
      {rows.length === 0 && !listed.isPending && <p className={css.empty}>{t('flash.noBoards')}</p>}
      {rows.length > 0 && (
        <ul ref={list} className={css.rows} data-key="boards">
          {rows.map((board) => (
            <BoardRow key={board.address} board={board} isTicked={addresses.includes(board.address)} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Within its list, without moving what is around it. */
function bringIntoView(list: HTMLElement, place: number): void {
  const row = list.children[place]?.getBoundingClientRect();
  if (row === undefined) return;
  const { top, bottom } = list.getBoundingClientRect();
  list.scrollTop += Math.min(0, row.top - top) + Math.max(0, row.bottom - bottom);
}

function withTyped(boards: readonly BenchBoard[], addresses: readonly string[]): BenchBoard[] {
  const unlisted = [...new Set(addresses)].filter((address) => boards.every((board) => board.address !== address));
  return [
    ...boards,
    ...unlisted.map((address) => ({ address, name: address, info: { address, label: address, kind: kindOf(address) }, lentTo: null })),
  ];
}

function BoardRow({ board: { address, name, info, lentTo }, isTicked }: { board: BenchBoard; isTicked: boolean }) {
  const { t } = useTranslation();
  const facts = [
    ...(info.board === undefined ? [] : [info.board]),
    ...(info.role === undefined ? [] : [t(`monitor.role.${info.role}`)]),
    ...(info.vendorId === undefined ? [] : [`${info.vendorId}:${info.productId ?? ''}`]),
    ...(lentTo === null ? [] : [t('flash.inUse', { by: lentTo === 'flash' ? t('flash.byFlash') : lentTo })]),
  ];
  return (
    <li className={css.row} data-ticked={isTicked || undefined}>
      <Checkbox
        checked={isTicked}
        label={
          <span className={css.rowLabel}>
            <span className={css.swatch} style={{ background: boardColours[info.colour ?? 'grey'] }} />
            <span className={`${css.name} truncate`}>{name}</span>
            {name !== address && <span className={`${css.address} mono quiet truncate`}>{address}</span>}
            <span className={`${css.facts} quiet truncate`}>{facts.join(' · ')}</span>
          </span>
        }
        classNames={{ body: css.checkBody ?? '', labelWrapper: css.checkLabel ?? '' }}
        onChange={(event) => tickBoard(address, event.currentTarget.checked)}
      />
    </li>
  );
}

/** Chooses a port of the list by typing a part of its name, or one that no list has by its address. */
function AddPort({ boards }: { boards: readonly BenchBoard[] }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const choices = boards.map(({ address, name }) => ({ address, value: name === address ? address : `${name} — ${address}` }));
  function add(value: string): void {
    const address = choices.find((choice) => choice.value === value)?.address ?? value.trim();
    if (address === '') return;
    addTypedBoard(address);
    setText('');
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.defaultPrevented) return;
    event.preventDefault();
    add(text);
  }
  return (
    <Autocomplete
      className={css.addPort}
      role="combobox"
      aria-label={t('flash.addPort')}
      placeholder={t('flash.addPortHint')}
      data={choices.map(({ value }) => value)}
      value={text}
      onChange={setText}
      onOptionSubmit={(value) => {
        // The field would keep the option's text.
        queueMicrotask(() => add(value));
      }}
      onKeyDown={onKeyDown}
    />
  );
}

/** A board in software, for who has none at hand. */
function StartVirtual({ kind, hasFirmware }: { kind: VirtualBoard['kind']; hasFirmware: boolean }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const boards = useBoards() ?? [];
  // The stream of boards may be a moment behind the one that was just started.
  const started = useRef<string[]>([]);
  async function start(): Promise<void> {
    const taken = new Set([...boards.map(({ name }) => name), ...started.current]);
    let number = 1;
    const stem = kind === 'cat1' ? 'module' : hasFirmware ? 'bench' : 'blank';
    while (taken.has(`${stem}-${number}`)) number++;
    const board = await run('boards.start', { name: `${stem}-${number}`, kind, firmware: hasFirmware ? 'installed' : 'blank' });
    if (board === null) return;
    started.current.push(board.name);
    tickBoard(board.address, true);
  }
  return (
    <Tooltip
      label={kind === 'cat1' ? t('flash.virtualHint.cat1') : t(`flash.virtualHint.${hasFirmware ? 'installed' : 'esp'}`, { chip: kind })}
    >
      <Button variant="default" leftSection={<IconCpu size={15} aria-hidden />} loading={isBusy} onClick={() => void start()}>
        {t('flash.virtual')}
      </Button>
    </Tooltip>
  );
}
