import { SegmentedControl, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AgentAssignment, AgentDocument, AgentLayer } from '../../../preload/contract/agents.ts';
import type { DeviceRecord } from '../../../preload/contract/pipeline.ts';
import strip from '../../components/tab-strip.module.css';
import { useAction, useReply } from '../../lib/actions.ts';
import { useLab } from '../../lib/lab.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useSettings } from '../../lib/streams.ts';
import { ToolsSurroundingsProvider } from '../settings/tools/thing-model-product.ts';
import css from './agents.module.css';
import { ExportPart } from './export-part.tsx';
import { LayerEditor } from './layer-editor.tsx';
import { assignmentOf } from './layers.ts';
import { MemoryPart } from './memory-part.tsx';
import { ThingModelPart } from './thing-model-part.tsx';

const parts = ['settings', 'thingModel', 'memory', 'export'] as const;

interface DetailsProps {
  productId: string;
  /** Null: the product. */
  deviceName: string | null;
  devices: readonly DeviceRecord[];
  state: { agents: readonly AgentDocument[]; assignments: readonly AgentAssignment[] };
}

/** A product or a device: its agent, what it says itself, what its boards can do, what is remembered of it. */
export function ScopeDetails({ productId, deviceName, devices, state }: DetailsProps) {
  const { t } = useTranslation();
  const lab = useLab();
  const { run } = useAction();
  const settings = useSettings();
  const parameters = useParameters();
  const language = parameters.get('language') === 'zh' ? 'zh' : parameters.get('language') === 'en' ? 'en' : null;
  const offered = parts.filter((part) => part !== 'memory' || deviceName !== null);
  const part = offered.find((each) => each === parameters.get('part')) ?? 'settings';
  const assignment = assignmentOf(state.assignments, { productId, deviceName, language });
  // A product by itself: no device of it is called so.
  const device = { productId, deviceName: deviceName ?? '' };
  const version = [settings, state];
  const inherited = useReply('agents.effective', { ...device, language: language ?? 'zh' }, { version });
  const lint = useReply('thingmodel.lint', { ...device, language: language ?? 'zh' }, { version });
  const assign = (change: { agentId?: string | null; layer?: AgentLayer }) => ({ ...assignment, ...change });

  return (
    <>
      <header className={css.head}>
        <h1 className="truncate">{deviceName ?? productId}</h1>
        <span className="quiet">{deviceName === null ? t('agents.allDevices') : productId}</span>
        <span className={css.grow} />
        <SegmentedControl
          aria-label={t('agents.language')}
          value={language ?? 'any'}
          onChange={(next) => setParameters({ language: next === 'any' ? null : next })}
          data={(['any', 'zh', 'en'] as const).map((value) => ({ value, label: t(`agents.languageOf.${value}`) }))}
        />
        <Select
          w={210}
          aria-label={t('agents.agent')}
          allowDeselect={false}
          value={assignment.agentId ?? ''}
          onChange={(next) => void run('agents.assign', assign({ agentId: next === '' ? null : next }))}
          data={[
            { value: '', label: deviceName === null ? t('agents.noAgent') : t('agents.inheritedAgent') },
            ...state.agents.map((agent) => ({ value: agent.id, label: agent.name })),
          ]}
        />
      </header>
      <div className={strip.tabs} role="tablist" aria-label={t('agents.part.label')}>
        {offered.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`scope-tab-${each}`}
            aria-controls="scope-panel"
            aria-selected={each === part}
            onClick={() => setParameters({ part: each === 'settings' ? null : each })}
          >
            {t(`agents.part.${each}`)}
          </button>
        ))}
      </div>
      <div className={css.part} role="tabpanel" id="scope-panel" aria-labelledby={`scope-tab-${part}`}>
        {part === 'settings' && inherited.data !== undefined && (
          <ToolsSurroundingsProvider value={{ productId, findings: lint.data?.findings ?? [] }}>
            <LayerEditor
              key={language}
              layer={assignment.layer}
              inherited={inherited.data}
              onChange={(layer) => lab.call('agents.assign', assign({ layer })).then(() => {})}
            />
          </ToolsSurroundingsProvider>
        )}
        {part === 'thingModel' && <ThingModelPart productId={productId} findings={lint.data?.findings ?? null} />}
        {part === 'memory' && deviceName !== null && <MemoryPart productId={productId} deviceName={deviceName} />}
        {part === 'export' && (
          <ExportPart
            productId={productId}
            deviceName={deviceName ?? devices.find((each) => each.productId === productId)?.deviceName ?? ''}
            language={language ?? 'zh'}
            version={version}
          />
        )}
      </div>
    </>
  );
}
