import { Button, Menu, Switch, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgentTool } from '../../../../preload/contract/agents.ts';
import { useReply } from '../../../lib/actions.ts';
import { useDevices } from '../../../lib/streams.ts';
import { Findings } from './findings.tsx';
import { OwnToolCard } from './own-tool-card.tsx';
import { useToolsSurroundings } from './thing-model-product.ts';
import { type ActionTool, newTool, type OwnTool, ownSources, withAction } from './tool-edits.ts';
import css from './tools.module.css';

/** What the agent may call: its board's actions, each on or off and in what words, and tools of its own. */
export function ToolsEditor({ id, tools, onChange }: { id: string; tools: readonly AgentTool[]; onChange(next: AgentTool[]): void }) {
  const { t } = useTranslation();
  const devices = useDevices();
  const { productId, findings } = useToolsSurroundings();
  const shownProduct = productId ?? devices?.[0]?.productId ?? 'none';
  const model = useReply('thingmodel.get', { productId: shownProduct });
  const actions = model.data?.model.actions ?? [];
  const said = tools.filter((tool): tool is ActionTool => tool.source === 'action');
  const own = tools.filter((tool): tool is OwnTool => tool.source !== 'action');
  const missing = model.data === undefined ? [] : said.filter((tool) => actions.every((action) => action.id !== tool.name));

  return (
    <div className={css.tools} id={id}>
      {findings.length > 0 && <Findings findings={findings} />}
      <h3>
        {t('agents.tools.actions')} {shownProduct !== 'none' && <span className="quiet mono">{shownProduct}</span>}
      </h3>
      {actions.length === 0 && <div className="quiet">{t('agents.tools.noActions')}</div>}
      {actions.map((action) => {
        const tool = said.find((each) => each.name === action.id);
        return (
          <ActionRow
            key={`${action.id} ${tool?.description ?? ''}`}
            name={action.id}
            inherited={action.desc || action.name}
            tool={tool}
            onChange={(change) => onChange(withAction(tools, action.id, change))}
          />
        );
      })}
      {missing.map((tool) => (
        <div key={tool.name} className={css.missing}>
          <IconAlertTriangle size={14} aria-hidden /> {t('agents.tools.notInModel', { name: tool.name })}
          <Button size="compact-xs" variant="default" onClick={() => onChange(tools.filter((each) => each !== tool))}>
            {t('agents.remove')}
          </Button>
        </div>
      ))}
      <h3>{t('agents.tools.own')}</h3>
      {own.map((tool, index) => (
        <OwnToolCard
          // A tool is its place: its name is being edited.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={`${tool.source} ${index}`}
          tool={tool}
          onChange={(next) => onChange(tools.map((each) => (each === tool ? next : each)))}
          onRemove={() => onChange(tools.filter((each) => each !== tool))}
        />
      ))}
      <Menu position="bottom-start" transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <Button variant="default" className={css.add} leftSection={<IconPlus size={14} />}>
            {t('agents.tools.add')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {ownSources.map((source) => (
            <Menu.Item key={source} onClick={() => onChange([...tools, newTool(source, tools)])}>
              {t(`agents.tools.source.${source}`)}
              <div className={css.itemHint}>{t(`agents.tools.sourceHint.${source}`)}</div>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

interface ActionRowProps {
  name: string;
  inherited: string;
  tool: ActionTool | undefined;
  onChange(change: { isOn?: boolean; description?: string }): void;
}

function ActionRow({ name, inherited, tool, onChange }: ActionRowProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(tool?.description ?? '');
  return (
    <div className={css.action} data-off={tool?.isOn === false || undefined}>
      <Switch
        aria-label={t('agents.tools.offer', { name })}
        checked={tool?.isOn ?? true}
        onChange={(event) => onChange({ isOn: event.currentTarget.checked })}
      />
      <span className="mono truncate" title={name}>
        {name}
      </span>
      <TextInput
        aria-label={t('agents.tools.describe', { name })}
        placeholder={inherited === '' ? t('agents.tools.noDescription') : inherited}
        maxLength={1024}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={() => draft !== (tool?.description ?? '') && onChange({ description: draft.trim() })}
      />
    </div>
  );
}
