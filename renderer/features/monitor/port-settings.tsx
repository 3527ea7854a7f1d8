import { ActionIcon, Autocomplete, Button, Popover, SegmentedControl, Select, Tooltip } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PortOptions, PortState } from '../../../preload/contract/ports.ts';
import { useAction } from '../../lib/actions.ts';
import css from './popover.module.css';

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
        <Tooltip label={`${t('monitor.port.settings')} · ,`}>
          <ActionIcon aria-label={t('monitor.port.settings')} aria-keyshortcuts="," onClick={() => onShow(!isShown)}>
            <IconAdjustments size={16} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 340 }}>
        {isShown && <PortForm port={port} onDone={() => onShow(false)} />}
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
  const isBadRate = !/^\d+$/.test(baudRate) || Number(baudRate) < 50 || Number(baudRate) > 12_000_000;
  const change = (to: Partial<PortOptions>): void => setChanged({ ...changed, ...to });

  async function apply(event: FormEvent): Promise<void> {
    event.preventDefault();
    const opened = await run('ports.open', { address: port.address, options: { ...changed, baudRate: Number(baudRate) } });
    if (opened !== null) onDone();
  }

  return (
    <form className={css.popover} onSubmit={(event) => void apply(event)}>
      <h3 className={css.title}>{t('monitor.port.settings')}</h3>
      <Autocomplete
        size="xs"
        label={t('monitor.baudRate')}
        data={usualBaudRates}
        comboboxProps={{ withinPortal: false }}
        inputMode="numeric"
        error={isBadRate ? t('monitor.port.badRate') : null}
        value={baudRate}
        onChange={setBaudRate}
      />
      <div className={css.pair}>
        <Choice
          label={t('monitor.port.dataBits')}
          value={options.dataBits}
          values={[8, 7, 6, 5]}
          onPick={(dataBits) => change({ dataBits })}
        />
        <Choice
          label={t('monitor.port.stopBits')}
          value={options.stopBits}
          values={[1, 1.5, 2]}
          onPick={(stopBits) => change({ stopBits })}
        />
      </div>
      <Select
        size="xs"
        label={t('monitor.port.parity')}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        value={options.parity}
        onChange={(parity) => parity !== null && change({ parity })}
        data={(['none', 'even', 'odd', 'mark', 'space'] as const).map((value) => ({ value, label: t(`monitor.port.parities.${value}`) }))}
      />
      <div className={css.row}>
        <span className={css.grow} />
        <Button type="submit" loading={isBusy} disabled={isBadRate}>
          {t('monitor.port.apply')}
        </Button>
      </div>
    </form>
  );
}

/** A few values side by side. */
function Choice<Value extends number>(props: { label: string; value: Value; values: readonly Value[]; onPick(value: Value): void }) {
  return (
    <div>
      <div className={css.title}>{props.label}</div>
      <SegmentedControl
        fullWidth
        aria-label={props.label}
        value={String(props.value)}
        onChange={(text) => {
          const value = props.values.find((each) => String(each) === text);
          if (value !== undefined) props.onPick(value);
        }}
        data={props.values.map(String)}
      />
    </div>
  );
}
