import { Button, Group, Modal, TextInput } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStart } from '../use-start.ts';
import { scopeOf, scopeText, wholePartition } from './scope.ts';
import { ScopeForm } from './scope-form.tsx';
import { Tool, type ToolTarget, useLoaderOptions } from './simple-tools.tsx';
import css from './tools.module.css';

/** Erases a part of the flash or all of it, after somebody typed that they mean it. */
export function EraseTool({ target }: { target: ToolTarget }) {
  const { t } = useTranslation();
  const { start } = useStart();
  const options = useLoaderOptions();
  const [scope, setScope] = useState(wholePartition);
  const [isAsking, setAsking] = useState(false);
  const { address, isBusy, partitions, name } = target;
  const what = scopeOf(scope);
  async function erase(): Promise<void> {
    setAsking(false);
    if (address !== null && what !== null) await start({ address, task: { kind: 'erase', what, confirm: 'erase', options } });
  }
  return (
    <Tool title={t('tools.erase.title')} what={t('tools.erase.what')}>
      <ScopeForm scope={scope} partitions={partitions} onChange={setScope} />
      {scope.kind === 'all' && <p className="quiet">{t('tools.erase.never')}</p>}
      <Button
        variant="light"
        color="red"
        leftSection={<IconEraser size={15} aria-hidden />}
        disabled={address === null || isBusy || what === null}
        onClick={() => setAsking(true)}
      >
        {t('tools.erase.run')}
      </Button>
      {isAsking && (
        <Confirm
          what={scopeText(scope) ?? t('tools.scope.all')}
          board={name}
          isAll={scope.kind === 'all'}
          onErase={() => void erase()}
          onClose={() => setAsking(false)}
        />
      )}
    </Tool>
  );
}

interface ConfirmProps {
  what: string;
  board: string;
  isAll: boolean;
  onErase(): void;
  onClose(): void;
}

function Confirm({ what, board, isAll, onErase, onClose }: ConfirmProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const word = t('tools.erase.word');
  const isMeant = typed.trim().toLowerCase() === word;
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (isMeant) onErase();
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('tools.erase.confirmTitle', { what, board })}
      closeButtonProps={{ 'aria-label': t('monitor.close') }}
    >
      <form className={css.confirm} onSubmit={onSubmit}>
        <p>{t(`tools.erase.consequence.${isAll ? 'all' : 'part'}`)}</p>
        <TextInput
          data-autofocus
          label={t('tools.erase.confirm', { word })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t('frame.cancel')}
          </Button>
          <Button type="submit" color="red" disabled={!isMeant}>
            {t('tools.erase.go')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
