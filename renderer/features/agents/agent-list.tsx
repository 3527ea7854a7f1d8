import { Button, Group } from '@mantine/core';
import { IconFileImport, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AgentAssignment, AgentDocument } from '../../../preload/contract/agents.ts';
import type { DeviceRecord } from '../../../preload/contract/pipeline.ts';
import css from './agents.module.css';

interface ScopeOf {
  productId: string;
  deviceName: string | null;
}

interface ListProps {
  agents: readonly AgentDocument[];
  assignments: readonly AgentAssignment[];
  devices: readonly DeviceRecord[];
  currentAgent: string | null;
  currentScope: ScopeOf | null;
  onAgent(id: string): void;
  onScope(scope: ScopeOf): void;
  onNew(): void;
  onImport(): void;
}

export function AgentList(props: ListProps) {
  const { t } = useTranslation();
  const { agents, assignments, devices, currentAgent, currentScope, onAgent, onScope } = props;
  const products = [...new Set([...devices, ...assignments].map((each) => each.productId))].sort();
  const devicesOf = (productId: string): string[] => {
    const named = [...devices, ...assignments].flatMap((each) =>
      each.productId === productId && each.deviceName !== null ? [each.deviceName] : [],
    );
    return [...new Set(named)].sort();
  };
  /** What is assigned there, told in a word. */
  const marks = (productId: string, deviceName: string | null): string => {
    const there = assignments.filter((each) => each.productId === productId && each.deviceName === deviceName);
    return there
      .map((each) => agents.find((agent) => agent.id === each.agentId)?.name ?? (Object.keys(each.layer).length > 0 ? '•' : ''))
      .filter((word) => word !== '')
      .join(', ');
  };
  const isCurrent = (productId: string, deviceName: string | null): true | undefined =>
    (currentScope?.productId === productId && currentScope.deviceName === deviceName) || undefined;

  return (
    <nav className={css.side} aria-label={t('frame.agents')}>
      <section aria-labelledby="agents-title">
        <h2 id="agents-title">{t('agents.list')}</h2>
        {agents.map((agent) => (
          <button
            key={agent.id}
            type="button"
            className={css.entry}
            aria-current={currentAgent === agent.id || undefined}
            onClick={() => onAgent(agent.id)}
          >
            <span className="truncate">{agent.name}</span>
          </button>
        ))}
        <Group gap={6} mt={6}>
          <Button size="compact-xs" leftSection={<IconPlus size={13} />} onClick={props.onNew}>
            {t('agents.new')}
          </Button>
          <Button size="compact-xs" variant="default" leftSection={<IconFileImport size={13} />} onClick={props.onImport}>
            {t('agents.import')}
          </Button>
        </Group>
      </section>
      <section aria-labelledby="products-title">
        <h2 id="products-title">{t('agents.products')}</h2>
        {products.length === 0 && <p className="quiet">{t('agents.noProducts')}</p>}
        {products.map((productId) => (
          <div key={productId}>
            <button
              type="button"
              className={css.entry}
              aria-current={isCurrent(productId, null)}
              onClick={() => onScope({ productId, deviceName: null })}
            >
              <span className="mono truncate">{productId}</span>
              <small>{marks(productId, null)}</small>
            </button>
            {devicesOf(productId).map((deviceName) => (
              <button
                key={deviceName}
                type="button"
                className={css.entry}
                data-inner
                aria-current={isCurrent(productId, deviceName)}
                onClick={() => onScope({ productId, deviceName })}
              >
                <span className="truncate">{deviceName}</span>
                <small>{marks(productId, deviceName)}</small>
              </button>
            ))}
          </div>
        ))}
      </section>
      <section>
        <h2>{t('agents.bench')}</h2>
        <a className={css.entry} href="#/settings?group=agent">
          {t('frame.settings')}
        </a>
        <p className="quiet">{t('agents.benchHint')}</p>
      </section>
    </nav>
  );
}
