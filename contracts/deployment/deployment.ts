import { MEMBER_ROLES } from '../api/roles.js';
import { t } from '../api/t.js';
import { VOTING_ROLES } from '../membership/records.js';
import { activate, allowEngine, retire, retireEngine } from './activation.js';
import { deploymentDeclaration as contract } from './declaration.js';
import { chunk, engineFields, hash, MAX_MIGRATION_FUEL, name, total, version } from './records.js';
import { register, withdraw } from './registration.js';
import { removeUpload, upload } from './uploads.js';
import { deploymentViews } from './views.js';

const byVoter = { roles: MEMBER_ROLES.filter((role) => VOTING_ROLES.includes(role)) };
const byGovernance = { contracts: ['governance'] } as const;

/** The contract `contracts`: bank contracts on their way onto the chain, into force and out of it. */
export const deployment = contract.build({
  /** PROTOCOL §Deployment T1. */
  genesisEngine: contract.tx({ args: engineFields, auth: { genesis: true } }, (ctx, engine) =>
    allowEngine(ctx, engine),
  ),

  allowEngine: contract.tx({ args: engineFields, auth: byGovernance }, (ctx, engine) => allowEngine(ctx, engine)),

  retireEngine: contract.tx({ args: { engine: hash }, auth: byGovernance }, (ctx, a) => retireEngine(ctx, a.engine)),

  upload: contract.tx({ args: { hash, index: t.uint(), total, data: chunk }, auth: byVoter }, (ctx, a) =>
    upload(ctx, a),
  ),

  removeUpload: contract.tx({ args: { member: t.bic, hash }, auth: byVoter }, (ctx, a) =>
    removeUpload(ctx, a.member, a.hash),
  ),

  register: contract.tx(
    { args: { name, version, bundle: hash, source: hash, engine: hash }, auth: byVoter },
    (ctx, a) => register(ctx, a),
  ),

  withdraw: contract.tx({ args: { name, version, bundle: hash, member: t.bic }, auth: byVoter }, (ctx, a) =>
    withdraw(ctx, a),
  ),

  activate: contract.tx(
    {
      args: { name, bundle: hash, source: hash, engine: hash, migrationFuel: t.uint(MAX_MIGRATION_FUEL) },
      auth: byGovernance,
    },
    (ctx, a) => activate(ctx, a),
  ),

  retire: contract.tx({ args: { name }, auth: byGovernance }, (ctx, a) => retire(ctx, a.name)),

  ...deploymentViews,
});
