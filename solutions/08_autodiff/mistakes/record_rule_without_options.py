"""The options of a rule are lost.

loses: test_record, test_gradients_of_domke, test_gradients_of_hao, test_gradients_of_galvan
says: are not handed on to the rule
"""
# %% edit id="record"
value, back = rule(*values, **options)
# becomes
value, back = rule(*values)
