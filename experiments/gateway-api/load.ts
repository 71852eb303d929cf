import { gatewayUrl } from '../../loadtest/addresses.ts';
import { canaryLoad } from '../../loadtest/canary.ts';
import { phase } from '../../loadtest/phase.ts';

export { options } from '../../loadtest/canary.ts';

/** The Service that istiod creates for the Gateway `edge`. It exists in the baseline and in the observed phase only. */
const edgeUrl = 'http://edge-istio.meshmart.svc.cluster.local';

/** The load of canary, sent to the new gateway while there is one. */
export default canaryLoad(phase === 'baseline' || phase === 'observe' ? edgeUrl : gatewayUrl);
