import { Button, TextInput } from '@mantine/core';
import { IconCopy, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgentAssignment, AgentDocument, AgentLayer } from '../../../preload/contract/agents.ts';
import type { DeviceRecord } from '../../../preload/contract/pipeline.ts';
import { Confirm } from '../../components/confirm.tsx';
import { useAction, useReply } from '../../lib/actions.ts';
import { useLab } from '../../lib/lab.ts';
import { useSettings } from '../../lib/streams.ts';
import { ToolsSurroundingsProvider } from '../settings/tools/thing-model-product.ts';
import css from './agents.module.css';
import { LayerEditor } from './layer-editor.tsx';
import { freeAgentId } from './layers.ts';

/** No product is called this: what the bench's settings alone make of a conversation. */
const nobody = { productId: '', deviceName: '' };

interface DetailsProps {
  agent: AgentDocument;
  agents: readonly AgentDocument[];
  assignments: readonly AgentAssignment[];
  devices: readonly DeviceRecord[];
  onShow(id: string | null): void;
}

/** One agent: its name, who has it, and what it says over the bench's settings. */
export function AgentDetails({ agent, agents, assignments, devices, onShow }: DetailsProps) {
  const { t } = useTranslation();
  const lab = useLab();
  const { run } = useAction();
  const settings = useSettings();
  const [name, setName] = useState(agent.name);
  const [isRemoving, setRemoving] = useState(false);
  const bench = useReply('agents.effective', { ...nobody, language: 'zh' }, { version: settings });
  const users = assignments.filter((each) => each.agentId === agent.id);
  const lookedAt = users[0];
  const device = {
    productId: lookedAt?.productId ?? '',
    deviceName: lookedAt?.deviceName ?? devices.find((each) => each.productId === lookedAt?.productId)?.deviceName ?? '',
  };
  const lint = useReply(
    'thingmodel.lint',
    { ...device, language: lookedAt?.language ?? 'zh' },
    { isEnabled: lookedAt !== undefined, version: agent },
  );

  function rename(): void {
    if (name.trim() !== '' && name !== agent.name) void run('agents.put', { ...agent, name: name.trim() });
  }
  async function duplicate(): Promise<void> {
    const copy = {
      ...agent,
      id: freeAgentId(agent.id, new Set(agents.map(({ id }) => id))),
      name: t('agents.copyOf', { name: agent.name }),
    };
    if ((await run('agents.put', copy)) !== null) onShow(copy.id);
  }
  async function remove(): Promise<void> {
    if ((await run('agents.remove', { id: agent.id })) !== null) onShow(null);
    setRemoving(false);
  }

  return (
    <>
      <header className={css.head}>
        <TextInput
          className={css.name}
          aria-label={t('agents.name')}
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          onBlur={rename}
          onKeyDown={(event) => event.key === 'Enter' && rename()}
        />
        <span className="quiet truncate">
          {users.length === 0
            ? t('agents.usedByNobody')
            : `${t('agents.usedBy')} ${users.map((each) => [each.productId, each.deviceName, each.language].filter(Boolean).join('/')).join(', ')}`}
        </span>
        <span className={css.grow} />
        <Button size="compact-sm" variant="default" leftSection={<IconCopy size={14} />} onClick={() => void duplicate()}>
          {t('agents.duplicate')}
        </Button>
        <Button size="compact-sm" variant="default" leftSection={<IconTrash size={14} />} onClick={() => setRemoving(true)}>
          {t('agents.delete')}
        </Button>
      </header>
      {bench.data !== undefined && (
        <ToolsSurroundingsProvider value={{ productId: lookedAt?.productId ?? null, findings: lint.data?.findings ?? [] }}>
          <LayerEditor
            layer={agent.layer}
            inherited={bench.data}
            onChange={(layer: AgentLayer) => lab.call('agents.put', { ...agent, layer }).then(() => {})}
          />
        </ToolsSurroundingsProvider>
      )}
      {isRemoving && (
        <Confirm
          title={t('agents.delete')}
          text={t('agents.deleteAsk', { name: agent.name })}
          action={t('agents.delete')}
          onClose={() => setRemoving(false)}
          onConfirm={() => void remove()}
        />
      )}
    </>
  );
}
