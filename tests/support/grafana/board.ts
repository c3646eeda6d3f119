// What a dashboard may look like, put together from the types that Grafana publishes of its own format: they know a
// dashboard and each kind of panel, but leave open which options go with which kind, and what a query holds.

import type { AnnotationQuery, Dashboard, FieldConfig, MatcherConfig, Panel, RowPanel, VariableModel } from '@grafana/schema';
import type * as bargauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as states from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// Enumerations as the words that JSON has for them.
type Plain<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends (infer Item)[]
      ? Plain<Item>[]
      : T extends object
        ? { [Key in keyof T]: Plain<T[Key]> }
        : T;

interface Source {
  type: string;
  uid: string;
}

// A query of Prometheus' data source.
interface Target {
  datasource: Source;
  editorMode: 'code' | 'builder';
  exemplar: boolean;
  expr: string;
  format: 'time_series' | 'table' | 'heatmap';
  hide?: boolean;
  instant: boolean;
  legendFormat: string;
  range: boolean;
  refId: string;
}

interface Link {
  targetBlank: boolean;
  title: string;
  url: string;
}

interface Override {
  matcher: MatcherConfig;
  properties: { id: string; value?: unknown }[];
}

// What an absent option means is Grafana's own default for its kind of panel.
type Kind<Name extends string, Options, Custom> = Omit<
  Panel,
  'datasource' | 'fieldConfig' | 'links' | 'options' | 'targets' | 'type'
> & {
  datasource: Source;
  fieldConfig: { defaults: Omit<FieldConfig, 'custom'> & { custom?: Custom }; overrides: Override[] };
  links?: Link[];
  options: Partial<Options>;
  targets: Target[];
  type: Name;
};

type None = Record<string, never>;
type Known =
  | Kind<'bargauge', bargauge.Options, None>
  | Kind<'heatmap', heatmap.Options, heatmap.FieldConfig>
  | Kind<'stat', stat.Options, None>
  | Kind<'state-timeline', states.Options, states.FieldConfig>
  | Kind<'table', table.Options, table.FieldConfig>
  | Kind<'timeseries', timeseries.Options, timeseries.FieldConfig>;

type Row = Omit<RowPanel, 'panels'> & { panels: Known[] };

// A mark of Prometheus' data source.
type Mark = AnnotationQuery & { expr?: string; tagKeys?: string; textFormat?: string; titleFormat?: string };

type Choice = Omit<VariableModel, 'query'> & {
  definition?: string;
  query: string | { query: string; refId: string };
};

export type Board = Plain<
  Omit<Dashboard, 'annotations' | 'panels' | 'templating'> & {
    annotations: { list: Mark[] };
    panels: (Known | Row)[];
    templating: { list: Choice[] };
  }
>;
