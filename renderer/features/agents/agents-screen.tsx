import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useAgents, useDevices } from '../../lib/streams.ts';
import { AgentDetails } from './agent-details.tsx';
import { ImportAgent, NewAgent } from './agent-dialogs.tsx';
import { AgentList } from './agent-list.tsx';
import css from './agents.module.css';
import { ScopeDetails } from './scope-details.tsx';

/** Who answers: agents, and which products and devices have which, in layers over the bench's own settings. */
export function AgentsScreen() {
  const { t } = useTranslation();
  const state = useAgents();
  const devices = useDevices();
  const parameters = useParameters();
  const [dialog, setDialog] = useState<'new' | 'import' | null>(null);
  if (state === null || devices === null) return null;
  const { agents, assignments } = state;
  const productId = parameters.get('product');
  const deviceName = parameters.get('device');
  const agent = productId === null ? (agents.find((each) => each.id === parameters.get('agent')) ?? agents[0]) : undefined;
  const showAgent = (id: string | null): void => setParameters({ agent: id, product: null, device: null, part: null });
  return (
    <div className={css.screen}>
      <AgentList
        agents={agents}
        assignments={assignments}
        devices={devices}
        currentAgent={agent?.id ?? null}
        currentScope={productId === null ? null : { productId, deviceName }}
        onAgent={showAgent}
        onScope={(scope) => setParameters({ agent: null, product: scope.productId, device: scope.deviceName })}
        onNew={() => setDialog('new')}
        onImport={() => setDialog('import')}
      />
      <section className={css.main} aria-label={t('frame.agents')}>
        {productId !== null ? (
          <ScopeDetails
            key={`${productId}/${deviceName ?? ''}`}
            productId={productId}
            deviceName={deviceName}
            devices={devices}
            state={state}
          />
        ) : agent === undefined ? (
          <div className={css.empty}>
            <h1>{t('agents.list')}</h1>
            <p className="quiet">{t('agents.noAgents')}</p>
          </div>
        ) : (
          <AgentDetails key={agent.id} agent={agent} agents={agents} assignments={assignments} devices={devices} onShow={showAgent} />
        )}
      </section>
      {dialog === 'new' && <NewAgent agents={agents} onClose={() => setDialog(null)} onMade={showAgent} />}
      {dialog === 'import' && <ImportAgent agents={agents} onClose={() => setDialog(null)} onMade={showAgent} />}
    </div>
  );
}
