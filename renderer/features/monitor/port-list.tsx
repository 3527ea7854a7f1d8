import { ActionIcon, Autocomplete, Button, TextInput, Tooltip } from '@mantine/core';
import { IconPlugConnected, IconRefresh } from '@tabler/icons-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PortInfo, PortState } from '../../../preload/contract/ports.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction, useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useBoards } from '../../lib/streams.ts';
import css from './monitor.module.css';

const usualBaudRates = ['9600', '74880', '115200', '230400', '460800', '921600', '1500000', '2000000', '3000000'];

/** What an address that no list has yet must be. */
function kindOf(address: string): PortInfo['kind'] {
  const scheme = /^(socket|rfc2217|virtual):/.exec(address)?.[1];
  return (scheme as PortInfo['kind'] | undefined) ?? 'serial';
}

export interface PortListProps {
  states: readonly PortState[];
  currentAddress: string | null;
  onOpened(address: string): void;
}

export function PortList({ states, currentAddress, onOpened }: PortListProps) {
  const { t } = useTranslation();
  const listed = useReply('ports.list', {});
  const { run, isBusy } = useAction();
  const [baudRate, setBaudRate] = useState('115200');
  const [address, setAddress] = useState('');

  // Virtual boards come and go with a stream; the list itself is only asked for.
  const boards = useBoards()
    ?.map((board) => board.address + board.state)
    .join();
  const { refetch } = listed;
  useEffect(() => {
    if (boards !== undefined) void refetch();
  }, [boards, refetch]);

  async function open(target: string): Promise<void> {
    const opened = await run('ports.open', { address: target, options: { baudRate: Number(baudRate) || 115200 } });
    if (opened !== null) onOpened(opened.address);
  }
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (address.trim() !== '') void open(address.trim());
  }

  const stateOf = new Map(states.map((state) => [state.address, state.state]));
  const known = new Set(listed.data?.ports.map((port) => port.address));
  const unlisted = states
    .filter((state) => !known.has(state.address) && state.state !== 'closed')
    .map(({ address: label }): PortInfo => ({ address: label, label, kind: kindOf(label) }));
  const isOpen = (port: PortInfo): boolean => !['closed', 'failed', undefined].includes(stateOf.get(port.address));
  const ports = [...(listed.data?.ports ?? []), ...unlisted].sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)));

  return (
    <aside className={css.ports} aria-label={t('monitor.ports')}>
      <header className={css.head}>
        <h1>{t('monitor.ports')}</h1>
        <span className={css.grow} />
        <Tooltip label={t('monitor.refresh')}>
          <ActionIcon aria-label={t('monitor.refresh')} onClick={() => void refetch()} loading={listed.isFetching}>
            <IconRefresh size={15} />
          </ActionIcon>
        </Tooltip>
      </header>
      {listed.error !== null && <ErrorNotice error={errorValueOf(listed.error)} />}
      {listed.data?.problem !== undefined && <ErrorNotice error={listed.data.problem} />}
      <div className={css.portRows}>
        {ports.map((port) => (
          <div key={port.address} className={css.port} data-current={port.address === currentAddress || undefined}>
            <button type="button" className={css.portName} disabled={!isOpen(port)} onClick={() => onOpened(port.address)}>
              <span className={css.portLabel}>
                <span className={css.dot} data-state={stateOf.get(port.address) ?? 'closed'} />
                <span className="truncate" title={port.label}>
                  {port.label}
                </span>
              </span>
              <span className={css.portAddress} title={port.ptyPath ?? port.address}>
                {port.address}
              </span>
              <span className={css.portFacts}>
                {t(`monitor.kind.${port.kind}`)}
                {port.vendorId !== undefined && ` · ${port.vendorId}:${port.productId ?? ''}`}
              </span>
            </button>
            {isOpen(port) ? (
              <Button size="compact-xs" variant="subtle" color="gray" onClick={() => void run('ports.close', { address: port.address })}>
                {t('monitor.close')}
              </Button>
            ) : (
              <Button
                size="compact-xs"
                variant="light"
                disabled={isBusy}
                aria-label={t('monitor.openPort', { port: port.label })}
                onClick={() => void open(port.address)}
              >
                {t('monitor.open')}
              </Button>
            )}
          </div>
        ))}
        {ports.length === 0 && listed.data !== undefined && <p className={css.hint}>{t('monitor.noPorts')}</p>}
      </div>
      <form className={css.openForm} onSubmit={onSubmit}>
        <Autocomplete label={t('monitor.baudRate')} data={usualBaudRates} value={baudRate} onChange={setBaudRate} inputMode="numeric" />
        <TextInput
          label={t('monitor.otherAddress')}
          placeholder="socket://192.168.1.20:5555"
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          rightSection={
            <ActionIcon type="submit" size={22} aria-label={t('monitor.openAddress')} disabled={address.trim() === ''}>
              <IconPlugConnected size={14} />
            </ActionIcon>
          }
        />
      </form>
    </aside>
  );
}
