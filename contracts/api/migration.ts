import { invariant } from '../../primitives/errors.js';
import type { MigrationAbi } from './abi.js';
import { compileAuth } from './auth.js';
import { StructSchema } from './composites.js';
import {
  type BoundStateClass,
  boundStateClass,
  type FieldsByName,
  type MethodContext,
  type TxContext,
} from './context.js';
import { apiFailure } from './failure.js';
import { MIGRATE_METHOD } from './method.js';
import {
  type KeySchemas,
  type MapDefinition,
  type MapDefinitions,
  MapLayout,
  type OldStateOf,
  type Provenance,
} from './state.js';
import { t } from './t.js';

/** The maps that each step reads as the version before left them, by the version from which it starts. */
export type ReadsByVersion = Readonly<Record<number, MapDefinitions>>;

/** One step: from the version under whose number it stands to this one. */
export interface Migration<S extends MapDefinitions, E extends FieldsByName, R extends FieldsByName, O> {
  /** The maps of that version that the step looks at or takes away, declared as that version declared them. */
  readonly reads: O;
  /** Everything that it does counts as one call, and happens or does not happen as a whole. */
  run(ctx: TxContext<S, E, R>, old: O extends MapDefinitions ? OldStateOf<O> : never): void;
}

export type Migrations<
  S extends MapDefinitions,
  E extends FieldsByName,
  R extends FieldsByName,
  O extends ReadsByVersion,
> = { readonly [N in keyof O]: Migration<S, E, R, O[N]> };

/** What `migrate` takes: the version from which the state is taken over. */
export const migrateArgs = new StructSchema({ from: t.uint() });

/** PROTOCOL §Migrations M1: only the contract that activates versions may call it. */
export const MIGRATE_AUTH = compileAuth<unknown>({ contracts: ['contracts'] }, MIGRATE_METHOD);

/** A step whose types only `defineContract` knows; it alone runs it, with what they ask for. */
interface AnyMigration {
  readonly reads: unknown;
  run(ctx: never, old: never): void;
}

interface Step {
  readonly from: number;
  readonly maps: readonly MapLayout<KeySchemas, unknown>[];
  readonly OldState: BoundStateClass;
  run(ctx: object, old: object): void;
}

/** The steps of a contract, ready to run. */
export class MigrationSteps {
  readonly #steps: ReadonlyMap<number, Step>;

  constructor(name: string, version: number, migrations: Readonly<Record<string, AnyMigration>>) {
    const steps = Object.entries(migrations).map(([key, { reads, run }]): [number, Step] => {
      const from = Number(key);
      const isEarlier = Number.isSafeInteger(from) && from >= 1 && from < version && String(from) === key;
      invariant(isEarlier, `${name} of version ${version} migrates from no version "${key}"`);
      const maps = layoutsOf(reads as MapDefinitions, 'old');
      return [from, { from, maps, OldState: boundStateClass(maps), run: run as Step['run'] }];
    });
    this.#steps = new Map(steps);
  }

  get isEmpty(): boolean {
    return this.#steps.size === 0;
  }

  abi(): Readonly<Record<string, MigrationAbi>> {
    const steps = [...this.#steps].map(([from, { maps }]): [string, MigrationAbi] => [
      String(from),
      { reads: Object.fromEntries(maps.map((layout) => [layout.name, layout.abi()])) },
    ]);
    return Object.fromEntries(steps);
  }

  /** PROTOCOL §Migrations M2. @throws ContractFailure `ARGUMENTS_INVALID` where there is no step from that version */
  run(context: MethodContext, from: number, call: string): void {
    const step = this.#steps.get(from);
    if (step === undefined) throw apiFailure(call, 'ARGUMENTS_INVALID', {});
    step.run(context, context.stateOf(step.OldState));
  }
}

export function layoutsOf(
  definitions: MapDefinitions,
  provenance: Provenance,
): readonly MapLayout<KeySchemas, unknown>[] {
  return Object.entries(definitions).map(
    ([name, definition]) => new MapLayout(name, definition as MapDefinition<KeySchemas, unknown, unknown>, provenance),
  );
}
