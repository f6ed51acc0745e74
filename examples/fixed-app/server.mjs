import { serve } from '../shared/serve.mjs';
import { createShop } from '../shared/shop.mjs';
import * as caches from './caches.mjs';
import * as requests from './requests.mjs';

serve(createShop(caches, requests), caches, requests.logged);
