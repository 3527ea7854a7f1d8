import { MantineProvider } from '@mantine/core';
import { useColorScheme } from '@mantine/hooks';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { I18nextProvider, useTranslation } from 'react-i18next';
import { Redirect, Route, Router, Switch } from 'wouter';
import { AgentsScreen } from '../features/agents/agents-screen.tsx';
import { ChecksScreen } from '../features/checks/checks-screen.tsx';
import { OperatorScreen } from '../features/checks/operator/operator-screen.tsx';
import { CloudScreen } from '../features/cloud/cloud-screen.tsx';
import { EnginesScreen } from '../features/engines/engines-screen.tsx';
import { FlashScreen } from '../features/flash/flash-screen.tsx';
import { LatencyScreen } from '../features/latency/latency-screen.tsx';
import { MonitorScreen } from '../features/monitor/monitor-screen.tsx';
import { QualityScreen } from '../features/quality/quality-screen.tsx';
import { ReplayScreen } from '../features/replay/replay-screen.tsx';
import { SessionScreen } from '../features/session/session-screen.tsx';
import { SessionsScreen } from '../features/sessions/sessions-screen.tsx';
import { SettingsScreen } from '../features/settings/settings-screen.tsx';
import { TalkScreen } from '../features/talk/talk-screen.tsx';
import { WireScreen } from '../features/wire/wire-screen.tsx';
import { i18n, systemLanguage } from '../lib/i18n.ts';
import { type Lab, type LabConnection, LabProvider } from '../lib/lab.ts';
import { useHashPath } from '../lib/location.ts';
import { useSettings } from '../lib/streams.ts';
import { Frame } from './frame.tsx';
import { theme } from './theme.ts';

function createQueryClient(): QueryClient {
  // The core is on this machine and expected failures are final answers: no retries, no refetch on focus.
  return new QueryClient({
    defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false, networkMode: 'always' } },
  });
}

export function App({ lab, connection }: { lab: Lab; connection: LabConnection }) {
  const [queries] = useState(createQueryClient);
  const context = useMemo(() => ({ lab, connection }), [lab, connection]);
  return (
    <LabProvider value={context}>
      <QueryClientProvider client={queries}>
        <I18nextProvider i18n={i18n}>
          <Appearance>
            <Router hook={useHashPath}>
              <Frame>
                <Switch>
                  <Route path="/monitor" component={MonitorScreen} />
                  <Route path="/flash" component={FlashScreen} />
                  <Route path="/talk" component={TalkScreen} />
                  <Route path="/agents" component={AgentsScreen} />
                  <Route path="/engines" component={EnginesScreen} />
                  <Route path="/cloud" component={CloudScreen} />
                  <Route path="/wire" component={WireScreen} />
                  <Route path="/sessions" component={SessionsScreen} />
                  <Route path="/sessions/:id">{({ id }) => <SessionScreen key={id} id={decodeURIComponent(id)} />}</Route>
                  <Route path="/quality" component={QualityScreen} />
                  <Route path="/checks" component={ChecksScreen} />
                  <Route path="/checks/operator" component={OperatorScreen} />
                  <Route path="/replay" component={ReplayScreen} />
                  <Route path="/latency" component={LatencyScreen} />
                  <Route path="/settings" component={SettingsScreen} />
                  <Route>
                    <Redirect to="/monitor" replace />
                  </Route>
                </Switch>
              </Frame>
            </Router>
          </Appearance>
        </I18nextProvider>
      </QueryClientProvider>
    </LabProvider>
  );
}

/** Theme, language and density, as the settings have them; the system's until they are known. */
function Appearance({ children }: { children: ReactNode }) {
  const settings = useSettings();
  const { i18n: instance } = useTranslation();
  const systemScheme = useColorScheme('dark');
  const wanted = settings?.ui.theme ?? 'system';
  const scheme = wanted === 'system' ? systemScheme : wanted;
  const chosen = settings?.ui.language ?? 'system';
  const language = chosen === 'system' ? systemLanguage() : chosen;
  const density = settings?.ui.density ?? 'compact';

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.documentElement.dataset.density = density;
    void instance.changeLanguage(language); // resources are bundled: it cannot fail
  }, [instance, language, density]);

  return (
    <MantineProvider theme={theme} forceColorScheme={scheme}>
      {children}
    </MantineProvider>
  );
}
