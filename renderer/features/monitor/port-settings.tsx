import { Autocomplete, Button, Divider, Popover, SegmentedControl, Select } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PortOptions, PortState } from '../../../preload/contract/ports.ts';
import { useAction } from '../../lib/actions.ts';
import { hasBaudRate } from '../../lib/port-kind.ts';
import css from './popover.module.css';
import { Tool } from './tool.tsx';

export const usualBaudRates = ['9600', '74880', '115200', '230400', '460800', '921600', '1500000', '2000000', '3000000'];

export interface PortSettingsProps {
  port: PortState;
  isShown: boolean;
  onShow(isShown: boolean): void;
}

/** How an open port talks. Applied by opening it again with what was changed; what was received stays. */
export function PortSettings({ port, isShown, onShow }: PortSettingsProps) {
  const { t } = useTranslation();
  return (
    <Popover opened={isShown} onChange={onShow} position="bottom-end" withArrow trapFocus returnFocus>
      <Popover.Target>
        <Tool label={t('monitor.port.settings')} keys="," onClick={() => onShow(!isShown)}>
          <IconAdjustments size={16} />
        </Tool>
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 372 }}>
        {isShown && (
          <>
            <PortForm port={port} onDone={() => onShow(false)} />
            {hasBaudRate(port.address) && (
              <>
                <Divider />
                <ControlLines port={port} />
              </>
            )}
          </>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function PortForm({ port, onDone }: { port: PortState; onDone(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [changed, setChanged] = useState<Partial<PortOptions>>({});
  const [baudRate, setBaudRate] = useState(String(port.options.baudRate));
  const options: PortOptions = { ...port.options, ...changed };
  // A program or a TCP connection is not a line: it has neither speed nor control lines.
  const isLine = hasBaudRate(port.address);
  const isBadRate = isLine && (!/^\d+$/.test(baudRate) || Number(baudRate) < 50 || Number(baudRate) > 12_000_000);
  const lines = isLine ? (['dtr', 'rts'] as const) : [];
  const change = (to: Partial<PortOptions>): void => setChanged({ ...changed, ...to });

  async function apply(event: FormEvent): Promise<void> {
    event.preventDefault();
    const opened = await run('ports.open', {
      address: port.address,
      options: { ...changed, ...(isLine ? { baudRate: Number(baudRate) } : {}) },
    });
    if (opened !== null) onDone();
  }

  return (
    <form className={css.form} onSubmit={(event) => void apply(event)}>
      {isLine && <LineFields options={options} baudRate={baudRate} isBadRate={isBadRate} onBaudRate={setBaudRate} onChange={change} />}
      <div className={css.pair}>
        <Choice
          label={t('monitor.port.encoding')}
          value={options.encoding}
          choices={[
            ['utf-8', 'UTF-8'],
            ['gbk', 'GBK'],
            ['latin1', 'Latin-1'],
          ]}
          onPick={(encoding) => change({ encoding })}
        />
        <Choice
          label={t('monitor.port.framing')}
          value={options.framing}
          choices={(['auto', 'text', 'luatos', 'soc', 'esp-binary', 'none'] as const).map((value) => [
            value,
            t(`monitor.port.framings.${value}`),
          ])}
          onPick={(framing) => change({ framing })}
        />
        {lines.map((line) => (
          <Choice
            key={line}
            label={t('monitor.port.atOpening', { line: line.toUpperCase() })}
            value={options[line]}
            choices={(['leave', 'on', 'off'] as const).map((value) => [value, t(`monitor.port.line.${value}`)])}
            onPick={(value) => change({ [line]: value })}
          />
        ))}
      </div>
      <div className={css.row}>
        <span className={`${css.grow} quiet`}>{t('monitor.port.reopens')}</span>
        <Button type="submit" loading={isBusy} disabled={isBadRate}>
          {t('monitor.port.apply')}
        </Button>
      </div>
    </form>
  );
}

/** Speed, flow control and the frame of a character. */
function LineFields(props: {
  options: PortOptions;
  baudRate: string;
  isBadRate: boolean;
  onBaudRate(text: string): void;
  onChange(to: Partial<PortOptions>): void;
}) {
  const { options, baudRate, isBadRate, onBaudRate, onChange } = props;
  const { t } = useTranslation();
  return (
    <>
      <div className={css.pair}>
        <Autocomplete
          size="xs"
          label={t('monitor.baudRate')}
          data={usualBaudRates}
          openOnFocus={false}
          comboboxProps={{ withinPortal: false }}
          inputMode="numeric"
          error={isBadRate ? t('monitor.port.badRate') : null}
          value={baudRate}
          onChange={onBaudRate}
        />
        <Choice
          label={t('monitor.port.flowControl')}
          value={options.flowControl}
          choices={[
            ['none', t('monitor.port.no')],
            ['rtscts', 'RTS/CTS'],
            ['xonxoff', 'XON/XOFF'],
          ]}
          onPick={(flowControl) => onChange({ flowControl })}
        />
      </div>
      <div className={css.triple}>
        <Choice
          label={t('monitor.port.dataBits')}
          value={String(options.dataBits) as '8'}
          choices={(['8', '7', '6', '5'] as const).map((value) => [value, value])}
          onPick={(value) => onChange({ dataBits: Number(value) as PortOptions['dataBits'] })}
        />
        <Choice
          label={t('monitor.port.parity')}
          value={options.parity}
          choices={(['none', 'even', 'odd', 'mark', 'space'] as const).map((value) => [value, t(`monitor.port.parities.${value}`)])}
          onPick={(parity) => onChange({ parity })}
        />
        <Choice
          label={t('monitor.port.stopBits')}
          value={String(options.stopBits) as '1'}
          choices={(['1', '1.5', '2'] as const).map((value) => [value, value])}
          onPick={(value) => onChange({ stopBits: Number(value) as PortOptions['stopBits'] })}
        />
      </div>
    </>
  );
}

function Choice<Value extends string>(props: {
  label: string;
  value: Value;
  choices: readonly (readonly [Value, string])[];
  onPick(value: Value): void;
}) {
  return (
    <Select
      size="xs"
      label={props.label}
      allowDeselect={false}
      comboboxProps={{ withinPortal: false }}
      value={props.value}
      onChange={(picked) => {
        const choice = props.choices.find(([value]) => value === picked);
        if (choice !== undefined) props.onPick(choice[0]);
      }}
      data={props.choices.map(([value, label]) => ({ value, label }))}
    />
  );
}

/** DTR and RTS as they are now, to be set by hand. On most ESP32 boards they are the boot and reset pins. */
function ControlLines({ port }: { port: PortState }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const lines = port.signals ?? { dtr: false, rts: false };
  return (
    <div className={css.row}>
      <span className={`${css.grow} quiet`}>{t('monitor.port.lines')}</span>
      {(['dtr', 'rts'] as const).map((line) => (
        <div key={line} className={css.row}>
          <span className="mono">{line.toUpperCase()}</span>
          <SegmentedControl
            aria-label={line.toUpperCase()}
            disabled={port.state !== 'open'}
            value={port.signals === undefined ? '' : lines[line] ? 'on' : 'off'}
            onChange={(value) => void run('ports.signals', { address: port.address, ...lines, [line]: value === 'on' })}
            data={[
              { value: 'off', label: '0' },
              { value: 'on', label: '1' },
            ]}
          />
        </div>
      ))}
    </div>
  );
}
