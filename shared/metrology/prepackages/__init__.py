"""Prepackages (定量包装商品): net content, its label, retail weighing and excessive packaging.

Where to look:

* ``assets/prepackages/*.toml``  every figure, by edition, with its source and how sure it is
* :mod:`.rules`      the structs of those files, :meth:`~.rules.PrepackageRules.parse`, and which table judges on a day
* :mod:`.checking`   what the types of those files can't say
* :mod:`.amounts`    mass, volume, length, area, count, and their units
* :mod:`.tolerance`  the tolerable deficiency T of a nominal quantity (:func:`~.tolerance.tolerance`)
* :mod:`.labels`     form, unit and character height of the statement 净含量 (:func:`~.labels.label_faults`)
* :mod:`.sampling`   one sample judged by a plan: T1, T2, the average; the EU double plan beside the Chinese one
* :mod:`.contents`   from what was read to the net content of each package: attempts, tare, density
* :mod:`.lots`       a whole lot, live after each reading (:func:`~.lots.judge_lot`); its record is :mod:`shared.lot`
* :mod:`.rates`      pass rates of lots against a target (:func:`~.rates.pass_rate`)
* :mod:`.retail`     零售商品称重 (:func:`~.retail.retail_deviation`)
* :mod:`.packaging`  过度包装, GB 23350 (:func:`~.packaging.packaging_verdict`)

Everything is Decimal, nothing is rounded before it is compared, and what is known only from memory judges nothing.
"""
