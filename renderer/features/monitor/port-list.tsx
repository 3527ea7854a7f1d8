import { ActionIcon, Autocomplete, Button, TextInput, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconPlugConnected, IconRefresh, IconX } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PortInfo, PortState } from '../../../preload/contract/ports.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { errorSentences, errorValueOf } from '../../lib/errors.ts';
import { hasBaudRate } from '../../lib/port-kind.ts';
import { bytesText } from '../../lib/quantities.ts';
import { useReceivedBytes } from '../../lib/streams.ts';
import type { MonitorBench } from './bench.ts';
import { BoardLookMenu } from './board-look-menu.tsx';
import { type BoardColour, boardColours } from './board-looks.ts';
import { useDeviceFact } from './device-states.ts';
import { useDisplay } from './display.ts';
import css from './port-list.module.css';
import { portRows } from './port-rows.ts';
import { usualBaudRates } from './port-settings.tsx';

export interface PortListProps {
  bench: MonitorBench;
  currentAddress: string | null;
  onShow(address: string): void;
}

/** The ports there are: open ones first, with the names and colours their boards go by. */
export function PortList({ bench, currentAddress, onShow }: PortListProps) {
  const { t } = useTranslation();
  const { listed } = bench;
  const { run, isBusy } = useAction();
  const [baudRate, setBaudRate] = useState('115200');
  const [address, setAddress] = useState('');
  const addressField = useRef<HTMLInputElement>(null);

  async function open(target: string): Promise<void> {
    // Why it did not open stands with the port in this list.
    const port = await run('ports.open', { address: target, options: { baudRate: Number(baudRate) || 115200 } }, { isShownInPlace: true });
    if (port === null) return;
    // What is typed next is meant for the log, unless it is the next address already.
    if (addressField.current?.value.trim() === target) {
      setAddress('');
      addressField.current.blur();
    }
    onShow(port.address);
  }
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (address.trim() !== '') void open(address.trim());
  }

  const ports = portRows(listed.data?.ports ?? [], bench.states ?? []);

  return (
    <aside className={css.ports} aria-label={t('monitor.ports')}>
      <header className={css.head}>
        <h1>{t('monitor.ports')}</h1>
        <Tooltip label={t('monitor.refresh')}>
          <ActionIcon size={24} aria-label={t('monitor.refresh')} onClick={() => void listed.refetch()} loading={listed.isFetching}>
            <IconRefresh size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={`${t('monitor.hidePorts')} · O`}>
          <ActionIcon size={24} aria-label={t('monitor.hidePorts')} onClick={() => useDisplay.setState({ isPortListShown: false })}>
            <IconChevronLeft size={15} />
          </ActionIcon>
        </Tooltip>
      </header>
      {listed.error !== null && <ErrorNotice error={errorValueOf(listed.error)} />}
      {listed.data?.problem !== undefined && <ErrorNotice error={listed.data.problem} />}
      <div className={css.rows}>
        {ports.map(({ info, state }) => {
          // A board that moved is still open under the path it was opened by.
          const address = state?.address ?? info.address;
          return (
            <PortRow
              key={`${info.address} ${address}`}
              bench={bench}
              port={info}
              state={state}
              isCurrent={address === currentAddress}
              isBusy={isBusy}
              onShow={() => onShow(address)}
              onOpen={() => void open(state !== undefined && state.state !== 'closed' ? address : info.address)}
              onClose={() => void run('ports.close', { address })}
            />
          );
        })}
        {ports.length === 0 && listed.data !== undefined && <p className={css.hint}>{t('monitor.noPorts')}</p>}
      </div>
      <form className={css.form} onSubmit={onSubmit}>
        <Autocomplete label={t('monitor.baudRate')} data={usualBaudRates} value={baudRate} onChange={setBaudRate} inputMode="numeric" />
        <TextInput
          ref={addressField}
          label={t('monitor.otherAddress')}
          placeholder="socket://192.168.1.20:5555"
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
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

interface PortRowProps {
  bench: MonitorBench;
  port: PortInfo;
  state: PortState | undefined;
  isCurrent: boolean;
  isBusy: boolean;
  onShow(): void;
  onOpen(): void;
  onClose(): void;
}

function PortRow({ bench, port, state, isCurrent, isBusy, onShow, onOpen, onClose }: PortRowProps) {
  const { t } = useTranslation();
  const address = state?.address ?? port.address;
  const face = bench.faces.get(address);
  const isOpen = state !== undefined && !['closed', 'failed'].includes(state.state);
  const isShown = state !== undefined && state.state !== 'closed';
  const isFailed = state?.state === 'failed';
  const resets = useDeviceFact((devices) => {
    const loop = devices.get(address)?.notices.find((notice) => notice.kind === 'boot-loop');
    return loop === undefined ? null : Number(loop.data.resets ?? loop.count);
  });
  const named = port.name ?? port.label;
  const facts = isShown
    ? [
        state.yieldedTo === undefined ? t(`monitor.state.${state.state}`) : t('monitor.lentTo', { to: state.yieldedTo }),
        ...(isFailed || !hasBaudRate(address) ? [] : [String(state.options.baudRate)]),
      ]
    : [
        port.board ?? t(`monitor.kind.${port.kind}`),
        ...(port.role === undefined ? [] : [t(`monitor.role.${port.role}`)]),
        ...(port.vendorId === undefined ? [] : [`${port.vendorId}:${port.productId ?? ''}`]),
      ];
  return (
    <div className={css.port} data-current={isCurrent || undefined}>
      <div className={css.portHead}>
        {isShown && face !== undefined ? (
          <BoardLookMenu port={port} face={face} label={named} onChanged={() => void bench.listed.refetch()} />
        ) : (
          <span className={css.dot} data-state="closed" />
        )}
        <button type="button" className={css.name} disabled={!isShown} onClick={onShow} title={port.label}>
          {named}
        </button>
        {isOpen ? (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={onClose}>
            {t('monitor.close')}
          </Button>
        ) : (
          <Button
            size="compact-xs"
            variant="light"
            disabled={isBusy}
            aria-label={t('monitor.openPort', { port: port.label })}
            onClick={onOpen}
          >
            {t('monitor.open')}
          </Button>
        )}
        {isFailed && (
          <ActionIcon size={22} aria-label={t('monitor.forgetPort', { port: port.label })} onClick={onClose}>
            <IconX size={13} />
          </ActionIcon>
        )}
      </div>
      {port.address !== named && (
        <div className={css.address} title={port.ptyPath ?? port.address}>
          {port.address}
        </div>
      )}
      <div className={css.facts}>
        {isShown && <span className={css.dot} data-state={state.state} />}
        {facts.join(' · ')}
        {isShown && !(isFailed && state.receivedBytes === 0) && <Received address={address} />}
      </div>
      {isShown && state.error !== undefined && <Problem error={state.error} />}
      {isShown && resets !== null && <div className={css.loop}>{t('monitor.bootLoop', { count: resets })}</div>}
    </div>
  );
}

/** A component of its own: it changes as long as the board talks. */
function Received({ address }: { address: string }) {
  return ` · ${bytesText(useReceivedBytes(address))}`;
}

function Problem({ error }: { error: NonNullable<PortState['error']> }) {
  const { t } = useTranslation();
  const { what, next } = errorSentences(t, error);
  return (
    <div className={css.problem} role="alert" data-error-code={error.code}>
      {what}
      <div className={css.advice}>{next}</div>
    </div>
  );
}

/** The colour of a board that has a tab. */
export function BoardDot({ colour, state }: { colour: BoardColour; state: PortState['state'] }) {
  return <span className={css.board} data-state={state} style={{ background: boardColours[colour], borderColor: boardColours[colour] }} />;
}
