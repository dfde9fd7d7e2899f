"""Tables 5, 6 and 9 of Gaikwad (2026), and what another program found under each convention that was tried."""

# Table 5: success in % by corruption in %, N = 500
CORRUPTIONS = tuple(range(33, 46))
TABLE_5 = {
    0.005: (99, 99, 94, 94, 88, 81, 62, 48, 26, 17, 9, 4, 1),
    0.01: (98, 92, 86, 81, 68, 48, 29, 20, 10, 6, 1, 2, 0),
    0.02: (68, 56, 49, 28, 21, 11, 6, 2, 1, 1, 1, 0, 0),
}
TABLE_5_TRIALS = 80  # the smallest number of which every printed share is a multiple
HALVES = {  # c50 in %, by probit: the table's, and an independent program's by N
    0.005: {"table": 39.7, 200: 38.2, 256: 38.8, 300: 39.3, 350: 39.5, 400: 39.9, 500: 40.3},
    0.01: {"table": 37.9, 200: 36.3, 256: 36.9, 300: 37.4, 350: 37.7, 400: 37.9, 500: 38.5},
    0.02: {"table": 34.5, 200: 32.9, 256: 33.7, 300: 34.3, 350: 34.5, 400: 35.1, 500: 35.5},
}
DEVIANCES = {200: 136, 256: 65, 300: 21.1, 350: 18.6, 400: 29.8, 500: 77}  # half deviance of the table, by N
# Table 6: N = 500, K = 1250, m0 = 0.6; share of success by ρ; those at 0.17 and 0.18 could not be read
TABLE_6 = {
    "strongest-once": {0.12: 1.00, 0.13: 1.00, 0.14: 0.89, 0.15: 0.84, 0.16: 0.42, 0.19: 0.0},
    "weakest-once": {0.12: 1.00, 0.13: 0.96, 0.14: 0.96, 0.15: 0.71, 0.16: 0.45, 0.19: 0.0},
}
TABLE_6_TRIALS = 80
INDEPENDENT = {  # the same by an independent program: trials, shares
    "weakest-once": (48, {0.13: 1.0, 0.14: 0.98, 0.15: 0.96, 0.16: 0.73, 0.17: 0.46, 0.18: 0.10, 0.19: 0.02}),
    "strongest-once": (48, {0.13: 1.0, 0.14: 1.0, 0.15: 0.92, 0.16: 0.81, 0.17: 0.52, 0.18: 0.38, 0.19: 0.08}),
    "random-correct": (48, {0.13: 1.0, 0.14: 1.0, 0.15: 0.98, 0.16: 0.96, 0.17: 0.81, 0.18: 0.62, 0.19: 0.40}),
    "weakest-reranked": (24, {0.13: 0.42, 0.14: 0.12, 0.15: 0.0, 0.16: 0.0}),
    "each-step": (40, {0.13: 1.0, 0.14: 1.0, 0.15: 0.90, 0.16: 0.70, 0.17: 0.45, 0.18: 0.20, 0.19: 0.12}),
    "each-step-correct": (40, {0.13: 0.97, 0.14: 0.80, 0.15: 0.38, 0.16: 0.17, 0.17: 0.05, 0.18: 0.0, 0.19: 0.0}),
    "exact-count": (40, {0.13: 1.0, 0.14: 0.95, 0.15: 0.70, 0.16: 0.23, 0.17: 0.05, 0.18: 0.0, 0.19: 0.0}),
}
# Table 9: N = 500, 20 % corruption, 50 trials
COUNTS = (500, 1000, 1500, 2000)
TABLE_9 = {
    "random": ((1.0, 1.0, 1.0, 1.0), (0.216, 0.220, 0.256, 0.232)),
    "correlated": ((0.98, 0.74, 0.60, 0.40), (0.376, 0.352, 0.364, 0.36)),
}
TABLE_9_TRIALS = 50
GENERATORS = {  # an independent program's: options, success by K (of 12 to 24 trials), β
    "one template, 30 % flips": ({"centres": 1, "noise": 0.3}, (0, 0, 0, 0), (0.35, 0.37, 0.36, 0.37)),
    "one template, 40 % flips": ({"centres": 1, "noise": 0.4}, (0.58, 0, 0, 0), (0.24, 0.25, 0.26, 0.26)),
    "50 clusters in turn": ({"centres": 50, "noise": 0.3}, (1, 1, 0.58, 0), (0.30, 0.34, 0.33, 0.35)),
    "20 clusters in turn": ({"centres": 20, "noise": 0.3}, (1, 0, 0, 0), (0.32, 0.33, 0.33, 0.35)),
    "a fifth from one template": (
        {"centres": 1, "noise": 0.3, "share": 0.2},
        (0.79, 0.79, 0.46, 0.04),
        (0.31, 0.37, 0.36, 0.36),
    ),
    "40 clusters at random": (
        {"centres": 40, "noise": 0.3, "assign": "at random"},
        (1, 0.92, 0.17, 0),
        (0.32, 0.32, 0.34, 0.34),
    ),
    "100 hidden causes": ({"generator": "latent", "rank": 100}, (1, 1, 1, 0.92), (0.35, 0.36, 0.38, 0.39)),
    "50 hidden causes": ({"generator": "latent", "rank": 50}, (1, 0.62, 0.25, 0), (0.46, 0.46, 0.48, 0.51)),
}
GENERATOR_TRIALS = 16
READINGS = {0.16: 0.926, 0.18: 0.921, 0.20: 0.909, 0.25: 0.891, 0.30: 0.874, 0.35: 0.857}
