"""Peers of the optimiser on functions to minimise, with the same number of evaluations.

usage: python3 optimiser.py METHOD FUNCTION SEED EVALUATIONS
prints one line of JSON: {"points": [[...]], "values": [...], "cpuSeconds": ..., "version": ...}

METHOD
  gp       Gaussian process and expected improvement of scikit-learn's GaussianProcessRegressor, by the recipe of
           scikit-optimize's gp_minimize (its defaults for `acq_func="EI"`): 10 random points; Matern 5/2 with a length
           scale per dimension, noise, values normalised, 2 restarts of the fit; xi = 0.01; 10,000 random candidates, the
           best 5 refined by L-BFGS-B.
  direct   DIRECT-L with randomisation (Gablonsky and Kelley 2001), NLopt GN_DIRECT_L_RAND.
  crs      controlled random search with local mutation (Kaelo and Ali 2006), NLopt GN_CRS2_LM.
FUNCTION   branin | hartmann, points in the units of the function.
"""
import json
import math
import sys
import time

import numpy as np

A = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
P = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
                     [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]])
ALPHA = np.array([1, 1.2, 3, 3.2])


def branin(x):
    return ((x[1] - 5.1 * x[0] ** 2 / (4 * math.pi ** 2) + 5 * x[0] / math.pi - 6) ** 2
            + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x[0]) + 10)


def hartmann(x):
    return -float(ALPHA @ np.exp(-(A * (np.asarray(x) - P) ** 2).sum(1)))


FUNCTIONS = {"branin": (branin, [(-5, 10), (0, 15)]), "hartmann": (hartmann, [(0, 1)] * 6)}


def gp(function, bounds, seed, evaluations):
    import warnings
    import sklearn
    from scipy.optimize import minimize
    from scipy.stats import norm
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    warnings.filterwarnings("ignore")
    random = np.random.RandomState(seed)
    low, high = np.array(bounds, float).T
    width = len(bounds)
    units = random.rand(10, width)
    values = [function(low + u * (high - low)) for u in units]
    while len(values) < evaluations:
        kernel = (ConstantKernel(1.0, (0.01, 1000)) * Matern(np.ones(width), [(0.01, 100)] * width, nu=2.5)
                  + WhiteKernel(1e-6, (1e-10, 1.0)))
        model = GaussianProcessRegressor(kernel, alpha=1e-10, normalize_y=True, n_restarts_optimizer=2, random_state=random)
        model.fit(units, values)
        best = min(values) - 0.01

        def loss(u):
            mean, std = model.predict(np.atleast_2d(u), return_std=True)
            std = np.maximum(std, 1e-12)
            z = (best - mean) / std
            return -((best - mean) * norm.cdf(z) + std * norm.pdf(z))

        candidates = random.rand(10_000, width)
        losses = loss(candidates)
        starts = candidates[np.argsort(losses)[:5]]
        found = [minimize(lambda u: float(loss(u)[0]), s, method="L-BFGS-B", bounds=[(0, 1)] * width, options={"maxiter": 20})
                 for s in starts]
        following = np.clip(min(found, key=lambda f: f.fun).x, 0, 1)
        units = np.vstack([units, following])
        values.append(function(low + following * (high - low)))
    return [(low + u * (high - low)).tolist() for u in units], values, sklearn.__version__


def nlopt_search(name):
    def search(function, bounds, seed, evaluations):
        import nlopt

        points, values = [], []

        def objective(x, _):
            points.append([float(v) for v in x])
            values.append(function(x))
            return values[-1]

        nlopt.srand(seed + 1)
        low, high = np.array(bounds, float).T
        optimiser = nlopt.opt(getattr(nlopt, name), len(bounds))
        optimiser.set_lower_bounds(low)
        optimiser.set_upper_bounds(high)
        optimiser.set_min_objective(objective)
        optimiser.set_maxeval(evaluations)
        optimiser.optimize(low + np.random.RandomState(seed).rand(len(bounds)) * (high - low))
        version = f"{nlopt.version_major()}.{nlopt.version_minor()}.{nlopt.version_bugfix()}"
        return points[:evaluations], values[:evaluations], version

    return search


METHODS = {"gp": gp, "direct": nlopt_search("GN_DIRECT_L_RAND"), "crs": nlopt_search("GN_CRS2_LM")}


def main():
    method, name, seed, evaluations = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    function, bounds = FUNCTIONS[name]
    began = time.process_time()
    points, values, version = METHODS[method](function, bounds, seed, evaluations)
    seconds = time.process_time() - began
    print(json.dumps({"points": points, "values": [float(v) for v in values], "cpuSeconds": seconds, "version": version}))


main()
