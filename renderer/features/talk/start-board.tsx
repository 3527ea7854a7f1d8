import { Button, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VirtualBoard } from '../../../preload/contract/boards.ts';
import type { CallRequest } from '../../../preload/contract/index.ts';
import { useAction } from '../../lib/actions.ts';
import { boardKinds, faults, troubles } from './board-choices.ts';
import css from './talk.module.css';

type Kind = VirtualBoard['kind'];
type Fault = NonNullable<CallRequest<'boards.start'>['fault']>;
type Trouble = (typeof troubles)[number];
/** Whether it boots at once, or is as from the factory and wants flashing. */
type Firmware = 'installed' | 'blank';

/** A board in software: which one, what is on it, and what is wrong with it. */
export function StartBoard({ boards }: { boards: readonly VirtualBoard[] }) {
  const { t, i18n } = useTranslation();
  const { run, isBusy } = useAction();
  const [typedName, setName] = useState<string | null>(null);
  const name = typedName ?? freeName(boards);
  const [kind, setKind] = useState<Kind>('esp32s3');
  const [firmware, setFirmware] = useState<Firmware>('installed');
  const [fault, setFault] = useState<Fault>('none');
  const [trouble, setTrouble] = useState<Trouble>('none');
  const isEsp = kind !== 'cat1' && kind !== 'bk7258';

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    const language = i18n.language === 'zh' ? 'zh' : 'en';
    void run('boards.start', {
      name,
      kind,
      ...(isEsp ? { firmware, language, ...(fault === 'none' ? {} : { fault }) } : {}),
      ...(kind === 'cat1' ? { trouble } : {}),
    });
    setName(null);
  }

  return (
    <form className={css.form} onSubmit={onSubmit}>
      <div className={css.pair}>
        <TextInput
          label={t('talk.boardName')}
          value={name}
          pattern="[\w\-]{1,32}"
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t('talk.kind')}
          allowDeselect={false}
          searchable
          maxDropdownHeight={320}
          value={kind}
          onChange={(value) => value !== null && setKind(value)}
          data={boardKinds.map(({ group, kinds }) => ({
            group: t(`talk.kindGroup.${group}`),
            items: kinds.map((value) => ({ value, label: t(`talk.kindOf.${value}`) })),
          }))}
        />
      </div>
      {isEsp && (
        <>
          <Select
            label={t('talk.firmware')}
            allowDeselect={false}
            value={firmware}
            onChange={(value) => value !== null && setFirmware(value)}
            data={(['installed', 'blank'] as const).map((value) => ({ value, label: t(`talk.${value}`) }))}
          />
          <Select
            label={t('talk.trouble.label')}
            allowDeselect={false}
            searchable
            maxDropdownHeight={320}
            value={fault}
            onChange={(value) => value !== null && setFault(value)}
            data={[
              { value: 'none', label: t('talk.trouble.none') },
              ...faults.map(({ group, faults: each }) => ({
                group: t(`talk.faultGroup.${group}`),
                items: each.map((value) => ({ value, label: t(`talk.fault.${value}`) })),
              })),
            ]}
          />
        </>
      )}
      {kind === 'cat1' && (
        <Select
          label={t('talk.trouble.label')}
          allowDeselect={false}
          value={trouble}
          onChange={(value) => value !== null && setTrouble(value)}
          data={troubles.map((each) => ({ value: each, label: t(`talk.trouble.${each}`) }))}
        />
      )}
      {kind === 'bk7258' && <p className={css.fine}>{t('talk.bk7258Hint')}</p>}
      <Button type="submit" variant="default" fullWidth loading={isBusy}>
        {t('talk.startBoard')}
      </Button>
    </form>
  );
}

/** `bench`, or the first `bench-2`, `bench-3` … that no running board has. */
function freeName(boards: readonly VirtualBoard[]): string {
  const taken = new Set(boards.map((board) => board.name));
  let number = 1;
  while (taken.has(number === 1 ? 'bench' : `bench-${number}`)) number++;
  return number === 1 ? 'bench' : `bench-${number}`;
}
